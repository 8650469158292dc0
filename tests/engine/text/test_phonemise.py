import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.phonemise import phonemise


def test_one_list_for_all_sentences() -> None:
    assert phonemise("好。好。", "zh") == ["zh/h", "zh/ao3", ".", "zh/h", "zh/ao3", "."]


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("qiao3", ["zh/q", "zh/iao3"]),
        ("ni3 hao3", ["zh/n", "zh/i3", "zh/h", "zh/ao3"]),
        ("_hng2", ["zh/h", "zh/ng2"]),
        (" er2 ", ["zh/er2"]),
    ],
)
def test_numbered_pinyin_is_read_without_sandhi(text: str, symbols: list[str]) -> None:
    assert phonemise(text, "zh") == symbols


def test_pinyin_that_mandarin_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'yai4' is not a Mandarin syllable"):
        phonemise("yai4", "zh")


def test_names_that_look_a_little_like_pinyin_are_names() -> None:
    assert phonemise("mp3", "zh")[0] == "en/EH1"


def test_unknown_languages_are_refused() -> None:
    with pytest.raises(InvalidInput, match="Unknown language 'xx'"):
        phonemise("x", "xx")
