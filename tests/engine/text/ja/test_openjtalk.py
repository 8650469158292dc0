import os
import subprocess
import sys
import threading

import pytest

from yinse.engine.text.directives import Kana
from yinse.engine.text.ja.openjtalk import Morpheme, morphemes, morphemes_with_readings


def prosody(found: list[Morpheme]) -> str:
    """Phones with the marks the published notation has after them."""
    phones = [phone for morpheme in found for phone in morpheme.phones]
    return " ".join(phone.symbol.removeprefix("ja/").rstrip("01") + phone.accent for phone in phones)


def pitch(found: list[Morpheme]) -> str:
    """H and L of the vowels."""
    symbols = [phone.symbol for morpheme in found for phone in morpheme.phones]
    return "".join("LH"[int(symbol[-1])] for symbol in symbols if symbol[-1] in "01")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("箸が", "h a] sh i g a"), ("橋が", "h a[ sh i] g a"), ("端が", "h a[ sh i g a"), ("雨が降る", "a] m e g a# f u] r u"),
    ],
)  # fmt: skip
def test_accent_marks(text: str, expected: str) -> None:
    assert prosody(morphemes(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("箸が", "HLL"), ("橋が", "LHL"), ("端が", "LHH"), ("東京", "LHHH")]
)
def test_pitch_is_high_from_the_rise_to_the_nucleus(text: str, expected: str) -> None:
    assert pitch(morphemes(text)) == expected


def test_devoiced_vowels_geminates_and_loanwords() -> None:
    symbols = [phone.symbol for morpheme in morphemes("学生がヴァイオリンを") for phone in morpheme.phones]

    assert "ja/v" in symbols
    assert "ja/cl" in [phone.symbol for morpheme in morphemes("切手") for phone in morpheme.phones]
    assert "ja/I" in [phone.symbol for morpheme in morphemes("した") for phone in morpheme.phones]


def test_counters_change_their_sound() -> None:
    assert [prosody(morphemes(text)).replace("[", "").replace("]", "").replace("#", "") for text in ("1本", "2本", "3本")] == [
        "i cl p o N", "n i h o N", "s a N b o N",
    ]  # fmt: skip


def test_morphemes_know_their_characters() -> None:
    found = morphemes("𠮷野家で10円")

    assert [(m.start, m.end) for m in found] == [(0, 3), (3, 4), (4, 6), (6, 7)]


def test_what_cannot_be_read_has_no_phones() -> None:
    assert prosody(morphemes("「」")) == ""


@pytest.mark.parametrize(
    ("nucleus", "expected"), [(0, "LHHHHL"), (1, "HLLLHL"), (2, "LHLLHL"), (3, "LHHLHL")]
)  # fmt: skip
def test_a_given_reading_joins_the_accent_phrase(nucleus: int, expected: str) -> None:
    found = morphemes_with_readings([Kana("サクラ", nucleus), "が咲く"])

    assert pitch(found)[:4] == expected[:4]
    assert (found[0].start, found[0].end) == (0, 1)
    assert (found[1].start, found[1].end) == (1, 2)


def test_given_readings_stand_anywhere_and_in_any_number() -> None:
    found = morphemes_with_readings(["これは", Kana("ネイロ", 0), "と", Kana("ヒビキ", 1)])

    assert (
        prosody(found).replace("[", "").replace("]", "").replace("#", "")
        == "k o r e w a n e i r o t o h i b i k i"
    )


def test_a_given_reading_next_to_its_placeholder_is_still_read() -> None:
    text = "猫ネコ田中りんご"
    found = morphemes_with_readings([text, Kana("ア", 0), text])

    given = [morpheme for morpheme in found if morpheme.start == len(text)]
    assert "".join(phone.symbol[:4] for morpheme in given for phone in morpheme.phones) == "ja/a"


def test_every_thread_reads_without_warnings() -> None:
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda: results.append(prosody(morphemes("今日は上の方")))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 3
    assert len(set(results)) == 1


def in_a_fresh_process(code: str) -> tuple[str, str]:
    """What a program says on its standard output and error."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", "-c", code]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return finished.stdout, finished.stderr


def test_importing_says_nothing() -> None:
    assert in_a_fresh_process(
        "from yinse.engine.text.phonemise import phonemise; phonemise('何ですか。今日は上の方', 'ja'); phonemise('好', 'zh')"
    ) == ("", "")


TOGETHER = """
import threading
from yinse.engine.text.ja.openjtalk import morphemes
barrier = threading.Barrier(8)
def read():
    barrier.wait()
    morphemes("声")
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("heard")
"""


def test_threads_that_begin_together_leave_standard_output_where_it_was() -> None:
    assert in_a_fresh_process(TOGETHER) == ("heard\n", "")
