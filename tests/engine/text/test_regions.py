import pytest

from yinse.engine.text.phoneme import Language
from yinse.engine.text.regions import find_regions, hanzi_languages, is_chiefly_chinese, standard_of


def regions(
    text: str, language: Language | None = None, before: Language | None = None
) -> list[tuple[str, str]]:
    found = find_regions(text, [None] * len(text), language, hanzi_languages([text])[0], before)
    return [(label, text[start:end]) for label, start, end in found]


@pytest.mark.parametrize(
    ("char", "language"), [("们", "zh"), ("说", "zh"), ("駅", "ja"), ("働", "ja"), ("東", None), ("中", None)]
)
def test_the_character_standards_tell_some_hanzi_apart(char: str, language: str | None) -> None:
    assert standard_of(char) == language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我们去公园。", [("zh", "我们去公园。")]),
        ("今日は東京へ行く。", [("ja", "今日は東京へ行く。")]),
        ("Hello there.", [("en", "Hello there.")]),
        ("駅", [("ja", "駅")]),
        ("東京", [("zh", "東京")]),
        ("他说ありがとう就走了", [("zh", "他说"), ("ja", "ありがとう"), ("zh", "就走了")]),
        ("我喜欢和カラオケ", [("zh", "我喜欢和"), ("ja", "カラオケ")]),
        (
            "歌名是「夜に駆ける」，很好听，说",
            [("zh", "歌名是「"), ("ja", "夜に駆ける"), ("zh", "」，很好听，说")],
        ),
        ("我有3个iPhone15", [("zh", "我有3个iPhone15")]),
        (
            "他说please be on time tomorrow，好",
            [("zh", "他说"), ("en", "please be on time tomorrow"), ("zh", "，好")],
        ),
        ("Googleで検索する", [("ja", "Googleで検索する")]),
        ("12:30", [("zh", "12:30")]),
    ],
)
def test_regions_are_found_script_first(text: str, expected: list[tuple[str, str]]) -> None:
    assert regions(text) == expected


def test_the_language_asked_for_decides_what_is_ambiguous() -> None:
    assert regions("東京", "ja") == [("ja", "東京")]
    assert regions("12:30", "en") == [("en", "12:30")]
    assert regions("我叫さくら", "zh") == [("zh", "我叫"), ("ja", "さくら")]
    assert regions("hello", "ja") == [("en", "hello")]


@pytest.mark.parametrize("text", ["10km/h", "5 kg", "x²+y²=1", "CPU", "T"])
def test_units_initials_and_quantities_are_written_in_every_language(text: str) -> None:
    assert regions(text, "zh") == [("zh", text)]
    assert regions(text, "ja") == [("ja", text)]
    assert regions(text) == [("en", text)]
    assert regions(text, before="zh") == [("zh", text)]


@pytest.mark.parametrize(("text", "language"), [("二〇二四年", "zh"), ("人々", "ja")])
def test_characters_whose_standard_misleads(text: str, language: str) -> None:
    assert regions(text) == [(language, text)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("会議室", "ja"), ("国語", "ja"), ("会议", "zh"), ("國語", "zh"), ("台湾大學", "zh"), ("他是国語老師", "zh"),
        ("令和6年", "ja"), ("3月5日(火)", "ja"), ("3月5日(二)", "zh"),
    ],
)  # fmt: skip
def test_characters_and_dates_tell_together_what_none_tells_alone(text: str, language: str) -> None:
    assert {label for label, _ in regions(text)} == {language}


def test_figures_of_an_english_sentence_that_quotes_hanzi_are_english() -> None:
    assert regions("Let's go to 北京 tomorrow at 9:30 am.") == [
        ("en", "Let's go to "), ("zh", "北京"), ("en", " tomorrow at 9:30 am."),
    ]  # fmt: skip
    assert regions("They all bought 3个 for $5") == [
        ("en", "They all bought "),
        ("zh", "3个"),
        ("en", " for $5"),
    ]
    assert regions("in 2019 in 北京", "en") == [("en", "in 2019 in "), ("zh", "北京")]


def test_figures_follow_the_sentence_before() -> None:
    assert regions("2024", before="en") == [("en", "2024")]


@pytest.mark.parametrize(
    ("sentences", "languages"),
    [
        (["第一章", "駅に行く", "東京", "Hello", "大学"], ["ja", "ja", "ja", "ja", "ja"]),
        (["大学", "我们走", "東京", "これは本", "中国"], ["zh", "zh", "zh", "ja", "ja"]),
        (["大学", "12"], ["zh", "zh"]),
        ([], []),
    ],
)
def test_the_nearest_sentence_that_tells_decides_for_ambiguous_hanzi(
    sentences: list[str], languages: list[str]
) -> None:
    assert hanzi_languages(sentences) == languages


def test_what_japanese_hardly_uses_counts_where_no_hiragana_speaks_for_it() -> None:
    assert is_chiefly_chinese("你")
    assert not is_chiefly_chinese("東")
    assert regions("我用iPhone听カラオケ") == [("zh", "我用iPhone听"), ("ja", "カラオケ")]
    assert regions("羞恥心をもつ") == [("ja", "羞恥心をもつ")]


def test_words_that_only_chinese_has_tell_it_among_kana() -> None:
    assert regions("こんにちは、我是小明。") == [("ja", "こんにちは、"), ("zh", "我是小明"), ("ja", "。")]
    assert regions("有限会社、不動産です。") == [("ja", "有限会社、不動産です。")]
    assert hanzi_languages(["名前は小明です。", "我来自中国。", "東京。"]) == ["ja", "zh", "zh"]


def test_a_tag_wins_over_everything() -> None:
    text = "东京大学"

    assert find_regions(text, ["ja", "ja", None, None], "zh") == [("ja", 0, 2), ("zh", 2, 4)]
