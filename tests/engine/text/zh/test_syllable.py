import gzip
from importlib import resources

import pytest

from yinse.engine.text.inventory import SYMBOL_IDS
from yinse.engine.text.zh.syllable import CODA, number_tone, parse


@pytest.mark.parametrize(
    ("pinyin", "symbols"),
    [
        ("zhang3", "zh/zh zh/ang3"), ("zi5", "zh/z zh/iz5"), ("chi1", "zh/ch zh/ir1"), ("ri4", "zh/r zh/ir4"),
        ("yi1", "zh/i1"), ("wu3", "zh/u3"), ("yu2", "zh/v2"), ("yue4", "zh/ve4"), ("yuan2", "zh/van2"), ("yun2", "zh/vn2"),
        ("you3", "zh/iu3"), ("wei4", "zh/ui4"), ("wen2", "zh/un2"), ("weng1", "zh/ong1"), ("yo1", "zh/io1"),
        ("ye3", "zh/ie3"), ("yang2", "zh/iang2"), ("yong4", "zh/iong4"), ("wo3", "zh/uo3"), ("ju2", "zh/j zh/v2"),
        ("xue2", "zh/x zh/ve2"), ("quan2", "zh/q zh/van2"), ("lü4", "zh/l zh/v4"), ("lv4", "zh/l zh/v4"),
        ("lue4", "zh/l zh/ve4"), ("gui4", "zh/g zh/ui4"), ("liu2", "zh/l zh/iu2"), ("dun4", "zh/d zh/un4"),
        ("er2", "zh/er2"), ("a5", "zh/a5"), ("ng2", "zh/ng2"), ("m2", "zh/m2"), ("hm5", "zh/h zh/m5"),
        ("hua1r", "zh/h zh/ua1 zh/rr"), ("huar1", "zh/h zh/ua1 zh/rr"), ("eh2", "zh/eh2"),
    ],
)  # fmt: skip
def test_pinyin_to_symbols(pinyin: str, symbols: str) -> None:
    syllable = parse(pinyin)

    assert syllable is not None
    assert " ".join(syllable.symbols) == symbols
    assert set(syllable.symbols) <= SYMBOL_IDS.keys()


@pytest.mark.parametrize(
    "pinyin",
    [
        "",
        "3",
        "zhang",
        "zhang6",
        "zhagn3",
        "buo3",
        "ji",
        "fi1",
        "gi2",
        "vr3",
        "iang2",
        "abc1",
        "mp3",
        "bong4",
        "jua1",
        "zhv2",
    ],
)
def test_what_mandarin_does_not_have_is_no_syllable(pinyin: str) -> None:
    assert parse(pinyin) is None


def test_spelling_comes_back() -> None:
    text = gzip.decompress(
        resources.files("yinse.engine.text").joinpath("data/zh_chars.txt.gz").read_bytes()
    ).decode()
    spellings = {reading for line in text.splitlines() for reading in line.split("\t")[1].split(" ")}

    assert len(spellings) > 1400
    assert {
        spelled for spelled in spellings if (found := parse(spelled)) is None or found.pinyin != spelled
    } == set()


def test_tones_change_and_the_coda_has_no_vowel() -> None:
    syllable = parse("ma1")

    assert syllable is not None
    assert syllable.with_tone(3).pinyin == "ma3"
    assert (CODA.symbols, CODA.pinyin) == (("zh/rr",), "r")


@pytest.mark.parametrize(
    ("marked", "numbered"),
    [
        ("zhǎng", "zhang3"),
        ("lǜ", "lv4"),
        ("de", "de5"),
        ("ê̄", "eh1"),
        ("ḿ", "m2"),
        ("nüè", "nve4"),
        ("ǹg", "ng4"),
    ],
)
def test_tone_marks_to_numbers(marked: str, numbered: str) -> None:
    assert number_tone(marked) == numbered
