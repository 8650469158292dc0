import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.inventory import SYMBOL_IDS
from yinse.engine.text.phoneme import Utterance

FRONTEND = TextFrontend()


def analyse(text: str, language: str = "auto") -> list[Utterance]:
    return FRONTEND.analyse(text, language)


def one(text: str, language: str = "auto") -> Utterance:
    (utterance,) = analyse(text, language)
    return utterance


def test_a_mixed_sentence_speaks_each_language_in_its_own_phonemes() -> None:
    utterance = one("我用iPhone听カラオケ。")

    assert [unit.language for unit in utterance.units] == ["zh", "zh", "en", "zh", "ja", None]
    assert utterance.symbols[:2] == ("zh/uo3", "zh/iong4")
    assert utterance.spoken == "我用 iPhone 听カラオケ."


def test_every_unit_knows_its_characters() -> None:
    text = "在2024年，I paid $5。"
    utterance = one(text)

    spans = {unit.text: text[slice(*unit.span)] for unit in utterance.units}
    assert spans["在"] == "在"
    assert spans["零"] == "2024"
    assert spans["年"] == "年"
    assert spans["paid"] == "paid"
    assert spans["dollars" if "dollars" in spans else "美"] == "$5"
    assert spans["."] == "。"


def test_spans_point_into_the_input_through_markup_and_widths() -> None:
    text = "　ＡＢＣ公司<break time='1s'/>行[hang2]"
    utterance = one(text, "zh")

    by_text = {unit.text: text[slice(*unit.span)] for unit in utterance.units}
    assert by_text["ABC"] == "ＡＢＣ"
    assert by_text["行"] == "行"
    assert utterance.text == text.strip()


def test_ids_are_those_of_the_inventory_and_word2ph_adds_up() -> None:
    utterance = one("花儿很美，ok？")

    assert utterance.ids == tuple(SYMBOL_IDS[symbol] for symbol in utterance.symbols)
    assert sum(utterance.word2ph) == len(utterance.phonemes)
    assert utterance.word2ph[:2] == (2, 1)


def test_hanzi_carry_their_pinyin_and_words_their_arpabet() -> None:
    assert [unit.reading for unit in one("你好").units] == ["ni2", "hao3"]
    assert [unit.reading for unit in one("good day").units] == ["G UH1 D", "D EY1"]


def test_japanese_phonemes_keep_the_prosody_marks_of_openjtalk() -> None:
    utterance = one("雨が降る。飴を買う。"[:5], "ja")

    line = " ".join(p.symbol.removeprefix("ja/").rstrip("01") + p.accent for p in utterance.phonemes)
    assert line == "a] m e g a# f u] r u ."


def test_a_break_is_a_phoneme_with_seconds() -> None:
    (pause,) = [p for p in one("好<break time='750ms'/>吧").phonemes if p.is_break]

    assert (pause.symbol, pause.seconds, pause.language) == ("<sp>", 0.75, None)


def test_marks_are_one_of_six_merged_and_never_first() -> None:
    assert one("，。好！！！").symbols[-1] == "!"
    assert one("，好").symbols[0] == "zh/h"
    assert one("真的！？").symbols[-1] == "?"
    assert [s for s in one("他——好（对）；吧……").symbols if "/" not in s] == ["-", ",", ",", "…"]


@pytest.mark.parametrize("text", ["I❤you", "I [you]", 'I"you"'])
def test_what_is_silent_still_separates_english_words(text: str) -> None:
    assert [unit.text for unit in one(text).units if unit.language] == ["I", "you"]


def test_capitals_among_hanzi_are_initials_not_shouting() -> None:
    assert [u.reading for u in one("PPT和KPI").units if u.language == "en"] == [
        "P IY1 P IY1 T IY1",
        "K EY1 P IY1 AY1",
    ]
    assert one("I AM HERE").units[1].reading == "AE1 M"


def test_quotes_are_silent_and_do_not_cut_the_clause() -> None:
    assert [unit.reading for unit in one("他说“很好”").units] == ["ta1", "shuo1", "hen2", "hao3"]


def test_sentences_become_utterances_with_their_own_text() -> None:
    utterances = analyse("你好。 How are you?\n元気です。")

    assert [(u.text, u.span) for u in utterances] == [
        ("你好。", (0, 3)),
        ("How are you?", (4, 16)),
        ("元気です。", (17, 22)),
    ]


def test_silent_stretches_join_a_neighbour() -> None:
    assert [u.text for u in analyse("🎉🎉。好。——。再见。…")] == ["🎉🎉。好。——。", "再见。…"]


def test_long_sentences_are_cut_at_marks_first() -> None:
    utterances = TextFrontend(max_phonemes=20).analyse(
        "今天天气很好，我们去公园吧，然后回家吃晚饭，早点睡觉。"
    )

    assert all(len(u.phonemes) <= 20 for u in utterances)
    assert all(u.text[-1] in "，。" for u in utterances)
    assert "".join(u.text for u in utterances) == "今天天气很好，我们去公园吧，然后回家吃晚饭，早点睡觉。"


def test_a_token_spoken_longer_than_the_limit_is_still_cut() -> None:
    utterances = TextFrontend(max_phonemes=10).analyse('<sub alias="很长很长很长很长很长的话">短</sub>。好')

    assert all(len(u.phonemes) <= 10 for u in utterances)
    assert [u.text for u in utterances if u.text][-1] == "好"


@pytest.mark.parametrize(
    "text", ["", " \n\t", "…！？", "😀🎉", "\x00\x1b\u200b", "，。、", "<break time='1s'/>", "——"]
)
def test_nothing_to_speak_is_an_error_in_plain_words(text: str) -> None:
    with pytest.raises(InvalidInput, match="There is nothing to speak"):
        analyse(text)


def test_unknown_languages_are_refused_with_the_list() -> None:
    with pytest.raises(InvalidInput, match="Unknown language 'klingon': use one of zh, en, ja, or auto"):
        analyse("hello", "klingon")


@pytest.mark.parametrize(
    ("text", "name", "place"), [("好 안녕", "Hangul", 3), ("Привет", "Cyrillic", 1), ("abc ไทย", "Thai", 5)]
)
def test_foreign_scripts_are_named_with_their_place(text: str, name: str, place: int) -> None:
    with pytest.raises(InvalidInput, match=rf"Character {place} \(.*\) is {name}"):
        analyse(text)


def test_hanzi_without_a_reading_are_named() -> None:
    with pytest.raises(InvalidInput, match="has no known reading"):
        analyse("\U0003134a", "zh")


def test_emoji_are_dropped_or_read_by_name() -> None:
    assert one("好🔥的").symbols == one("好的").symbols
    assert "火" in TextFrontend(emoji="read").analyse("好🔥的")[0].spoken
    assert "fire" in TextFrontend(emoji="read").analyse("so hot 🔥")[0].spoken


def test_language_codes_with_regions_are_understood() -> None:
    assert one("東京", "ja-JP").units[0].language == "ja"


@pytest.mark.parametrize("text", ["是的", "Ready?", "うん", "A", "5", "儿", "嗯"])
def test_very_short_text_speaks(text: str) -> None:
    assert any("/" in symbol for symbol in one(text).symbols)


def test_digits_follow_the_language_around_them() -> None:
    assert one("有3个").units[1].text == "三"
    assert one("has 3 of").units[1].text == "three"
    assert one("3個ある").units[0].language == "ja"
    assert one("今天 please wait for 3 more days 好").spoken == "今天 please wait for three more days 好"


def test_capitals_are_words_in_a_text_of_capitals_and_letters_elsewhere() -> None:
    assert one("CHAPTER NINETY NINE").symbols == one("chapter ninety nine").symbols
    assert one("THIS IS US").units[-1].reading == "AH1 S"
    assert one("the US and").units[1].reading == "Y UW1 EH1 S"


def test_say_as_reads_in_the_language_around_it() -> None:
    assert one('<say-as interpret-as="digits">2024</say-as>年').spoken == "二零二四年"
    assert one('in <say-as interpret-as="digits">2024</say-as>').spoken == "in two zero two four"
    assert (
        one('<say-as interpret-as="digits">20</say-as>です').symbols[:4]
        == ("ja/n", "ja/i1", "ja/i0", "ja/z")[:4]
    )


@pytest.mark.parametrize("language", ["auto", "zh", "en", "ja"])
def test_what_say_as_cannot_read_is_an_error(language: str) -> None:
    with pytest.raises(InvalidInput, match="'hello' cannot be said as date"):
        analyse('<say-as interpret-as="date">hello</say-as>', language)


def test_overrides_survive_normalisation_and_sandhi() -> None:
    utterance = one("第3行[xing2]，<phoneme ph='hao3'>好</phoneme>好")

    assert [unit.reading for unit in utterance.units if unit.reading] == [
        "di4",
        "san1",
        "xing2",
        "hao3",
        "hao3",
    ]


def test_a_foreign_word_can_be_given_in_another_notation() -> None:
    utterance = one('我爱<phoneme ph="L OW1 G OW0">标志</phoneme>')

    assert utterance.symbols[-4:] == ("en/L", "en/OW1", "en/G", "en/OW0")
    assert utterance.units[-1].text == "标志"
