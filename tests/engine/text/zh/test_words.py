import pytest

from yinse.engine.text.zh.words import WordTable, default_table

ENTRIES = {
    "研究": "50\tv",
    "研究生": "30\tn",
    "生命": "40\tn",
    "命": "5\tn",
    "重庆": "9\tns\tchong2 qing4",
}
TABLE = WordTable(ENTRIES, {"研": "yan2", "究": "jiu1", "庆": "qing4", "重": "zhong4 chong2"}, total=134)


def test_the_likeliest_split_wins_over_the_longest_word() -> None:
    assert TABLE.split("研究生命") == ["研究", "生命"]


@pytest.mark.parametrize("text", ["", "甲", "研究生命重庆甲乙", "甲研究"])
def test_a_split_is_the_text(text: str) -> None:
    assert "".join(TABLE.split(text)) == text


def test_a_word_has_its_own_reading_or_that_of_its_characters() -> None:
    assert TABLE.word("重庆").pinyin == ("chong2", "qing4")
    assert (TABLE.word("研究").pinyin, TABLE.word("研究").tag) == (("yan2", "jiu1"), "v")
    assert TABLE.word("甲").pinyin == ("",)
    assert TABLE.readings("重") == ("zhong4", "chong2")
    assert "研究" in TABLE
    assert "究生" not in TABLE


def test_the_bundled_table_is_read_once_and_knows_the_language() -> None:
    table = default_table()

    assert table is default_table()
    assert table.split("银行行长在重庆长大") == ["银行行长", "在", "重庆", "长大"]
