"""What the published frontends get wrong, read as a person would (facts: GPT-SoVITS text frontends, parts 4 to 8)."""

from collections.abc import Callable

import pytest

from yinse.engine.text.frontend import TextFrontend

Read = Callable[[str], str]


def test_a_range_of_times_reads_each_end_by_its_own_minute(normalise_zh: Read) -> None:
    assert normalise_zh("会议8:30-12:05开始") == "会议八点半到十二点零五分开始"


def test_thousands_separators_are_no_clause_marks(pinyin: Read) -> None:
    assert pinyin("1,000,000人") == "yi4 bai3 wan4 ren2"


@pytest.mark.parametrize("written", ["010-62781234", "400-800-1234"])
def test_hyphens_of_telephone_numbers_are_not_minus(normalise_zh: Read, written: str) -> None:
    assert "减" not in normalise_zh(written)


def test_a_score_is_no_subtraction(normalise_zh: Read) -> None:
    assert normalise_zh("比分是3-2") == "比分是三比二"


def test_cohorts_keep_both_figures(normalise_zh: Read) -> None:
    assert normalise_zh("90后和00后") == "九零后和零零后"


def test_currency_signs_are_read(normalise_zh: Read) -> None:
    assert normalise_zh("￥99") == "九十九元"


def test_two_before_the_weight_liang_stays_er(normalise_zh: Read) -> None:
    assert normalise_zh("20和2两") == "二十和二两"


def test_minus_is_not_said_twice(normalise_zh: Read) -> None:
    assert normalise_zh("负-5度") == "负五度"


def test_latin_letters_do_not_vanish_from_chinese() -> None:
    (utterance,) = TextFrontend().analyse("A4纸和CPU。", "zh")

    assert [unit.text for unit in utterance.units] == ["A", "四", "纸", "和", "CPU", "."]


def test_a_word_merged_before_reduplication_keeps_its_tone(pinyin: Read) -> None:
    assert pinyin("银行行长") == "yin2 hang2 hang2 zhang3"


def test_decimals_versions_and_abbreviations_do_not_end_sentences() -> None:
    utterances = TextFrontend().analyse("3.14 is pi. Version 2.0.1 is out, e.g. now! OK")

    assert [u.text for u in utterances] == ["3.14 is pi.", "Version 2.0.1 is out, e.g. now!", "OK"]


def test_units_are_read_with_a_space_before_them(normalise_en: Read) -> None:
    assert normalise_en("5 km") == "five kilometers"


def test_figures_in_names_are_set_off(normalise_en: Read) -> None:
    assert normalise_en("NASA and iPhone15") == "NASA and iPhone fifteen"


def test_acronyms_that_are_words_are_not_spelled(arpabet: Read) -> None:
    assert arpabet("the NASA team") == "DH AH0 N AE1 S AH0 T IY1 M"


def test_full_width_commas_pause_in_english() -> None:
    (utterance,) = TextFrontend().analyse("well，yes", "en")

    assert utterance.symbols.count(",") == 1


def test_unknown_pinyin_does_not_bring_the_request_down(pinyin: Read) -> None:
    assert pinyin("嗯呣噷欸") != ""


def test_short_text_needs_no_mark_in_front() -> None:
    (utterance,) = TextFrontend().analyse("是的")

    assert utterance.symbols == ("zh/sh", "zh/ir4", "zh/d", "zh/e5")


def test_short_unlisted_words_are_pronounced_not_spelled(arpabet: Read) -> None:
    assert arpabet("the vax") == "DH AH0 V AE1 K S"


def test_the_users_lexicon_is_always_read() -> None:
    from yinse.engine.text.lexicon import Lexicon

    frontend = TextFrontend(Lexicon.of([("en", "vax", "B IY1")]))
    assert frontend.analyse("vax")[0].units[0].reading == "B IY1"


def test_mixed_text_reads_the_same_from_every_entry() -> None:
    from yinse.engine.text.phonemise import phonemise

    text = "我用iPhone15拍了3张照片。"
    assert phonemise(text, "zh") == [s for u in TextFrontend().analyse(text) for s in u.symbols]
