import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.directives import Kana
from yinse.engine.text.notation import (
    count_morae,
    guess_language,
    known_language,
    parse_reading,
    require_language,
)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh"),
        ("ZH-cn", "zh"),
        ("cmn-Hans", "zh"),
        ("en_US", "en"),
        ("ja", "ja"),
        ("fr", None),
        ("", None),
    ],
)
def test_language_tags(tag: str, language: str | None) -> None:
    assert known_language(tag) == language


def test_an_unknown_language_is_refused_with_the_list_of_those_known() -> None:
    with pytest.raises(InvalidInput, match="Unknown language 'fr': use one of zh, en, ja, or auto"):
        require_language("fr")


@pytest.mark.parametrize("written", ["yin2 hang2", "yín háng", "YIN2HANG2", " yin2  hang2 "])
def test_pinyin_with_numbers_or_marks(written: str) -> None:
    reading = parse_reading(written, "zh")

    assert isinstance(reading, tuple)
    assert [syllable.pinyin for syllable in reading] == ["yin2", "hang2"]  # type: ignore[union-attr]


def test_arpabet() -> None:
    assert parse_reading("n y uw1", "en") == ("N", "Y", "UW1")


@pytest.mark.parametrize(
    ("written", "kana"),
    [
        ("ハ'シ", Kana("ハシ", 1)), ("はし＼", Kana("ハシ", 2)), ("ﾊｼ", Kana("ハシ", 0)),
        ("きょ'う", Kana("キョウ", 1)), ("キャッ'ト", Kana("キャット", 2)), ("コーヒ'ー", Kana("コーヒー", 3)),
    ],
)  # fmt: skip
def test_kana_with_the_fall_of_pitch_marked(written: str, kana: Kana) -> None:
    assert parse_reading(written, "ja") == kana


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("zhang9", "zh"),
        ("", "zh"),
        ("N Y UW", "en"),
        ("QQ", "en"),
        ("漢字", "ja"),
        ("ーア", "ja"),
        ("", "ja"),
    ],
)
def test_what_is_no_reading_is_refused(written: str, language: str) -> None:
    with pytest.raises(InvalidInput, match="is not a reading: write"):
        parse_reading(written, language)  # type: ignore[arg-type]


def test_the_notation_tells_the_language() -> None:
    assert [guess_language(reading, None) for reading in ("zhang3", "N Y UW1", "ハシ")] == ["zh", "en", "ja"]
    assert guess_language("a", "kana") == "ja"


def test_morae() -> None:
    assert [count_morae(word) for word in ("キョウ", "キッテ", "シンブン", "コーヒー", "ファン")] == [
        2,
        3,
        4,
        4,
        2,
    ]
