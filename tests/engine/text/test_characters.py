import pytest

from yinse.engine.text.characters import clean, is_emoji, script


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("ｉＰｈｏｎｅ１５", "iPhone15"),
        ("ﾊﾞﾅﾅ", "バナナ"),
        ("ｱｲｽ", "アイス"),
        ("cafe\u0301", "café"),
        ("が", "が"),
        ("か\u3099", "が"),
        ("a\u200bb\ufeff", "ab"),
        ("１００％", "100%"),
        ("5㎏", "5kg"),
        ("10㎡", "10m²"),
        ("don’t", "don't"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u3000b", "a b"),
        ("\x00\x07好", "好"),
        ("❤\ufe0f", "❤"),
        ("𝓗𝓲 𝟐", "Hi 2"),
        ("⒈Ⓐ㈠", "1.A(一)"),
        ("㈱", "株式会社"),
        ("\ud800好", "好"),
    ],
)
def test_equal_forms_come_together_and_controls_go(raw: str, cleaned: str) -> None:
    assert clean(raw).text == cleaned


def test_punctuation_keeps_its_width() -> None:
    assert clean("你，好,。.").text == "你，好,。."


def test_every_character_knows_where_it_came_from() -> None:
    cleaned = clean("\ufeffﾊﾞa\u0301\r\n㎏")

    assert cleaned.text == "バá\nkg"
    assert cleaned.spans == ((1, 3), (3, 5), (5, 7), (7, 8), (7, 8))


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        ("好", "han"), ("𠮷", "han"), ("〇", "han"), ("々", "han"), ("あ", "kana"), ("ー", "kana"), ("・", "other"),
        ("a", "latin"), ("é", "latin"), ("7", "digit"), ("，", "other"), ("안", "foreign"), ("я", "foreign"),
        ("ก", "foreign"), ("α", "other"), ("\U000f0003", "directive"),
    ],
)  # fmt: skip
def test_script(char: str, expected: str) -> None:
    assert script(char) == expected


def test_emoji_are_told_from_signs() -> None:
    assert all(map(is_emoji, "😀❤★☔✈"))
    assert not any(map(is_emoji, "a好あ±+%"))
