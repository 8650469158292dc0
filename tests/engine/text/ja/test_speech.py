from collections.abc import Callable

import pytest

from yinse.engine.text.frontend import TextFrontend


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("これはペンです。", "k o0 r e1 w a1 p e1 N0 d e0 s U ."),
        ("え？", "e1 ?"),
        ("ー、はい", "h a1 i0"),
        ("Tシャツ", "t i0 i1 sh a1 ts u1"),
    ],
)
def test_runs_between_marks(japanese: Callable[[str], str], text: str, expected: str) -> None:
    assert japanese(text) == expected


def test_words_in_latin_letters_are_english_inside_japanese(japanese: Callable[[str], str]) -> None:
    assert "en/G en/UW1 en/G" in japanese("Googleで")


def test_units_are_morphemes_with_their_reading() -> None:
    (utterance,) = TextFrontend().analyse("3本の鉛筆", "ja")

    assert [(unit.text, unit.reading, unit.span) for unit in utterance.units] == [
        ("三", "s a N", (0, 1)), ("本", "b o N", (1, 2)), ("の", "n o", (2, 3)), ("鉛筆", "e N p I ts u", (3, 5)),
    ]  # fmt: skip


def test_a_very_long_run_without_marks_is_read_whole() -> None:
    text = "桜の花が咲いて鳥が鳴いている" * 30
    utterances = TextFrontend().analyse(text, "ja")

    assert "".join(utterance.text for utterance in utterances) == text
    assert sum(len(u.phonemes) for u in utterances) > 30 * 20


def test_midnight_is_read_with_its_long_vowel(japanese: Callable[[str], str]) -> None:
    assert "r e1 e0 j i0" in japanese("午前0時")
