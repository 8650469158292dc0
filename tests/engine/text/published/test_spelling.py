"""The published spelling of our utterances."""

import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.inventory import ZH_FINALS, ZH_INITIALS
from yinse.engine.text.published.spelling import PublishedText, spell, spell_syllable
from yinse.engine.text.published.symbols import UNKNOWN, syllables, table
from yinse.engine.text.zh.syllable import Syllable, parse


def spelled(text: str, language: str = "auto", name: str = "v2") -> PublishedText:
    (utterance,) = TextFrontend().analyse(text, language)
    return spell(utterance, table(name))


def test_tables_share_their_beginning():
    first, second = table("v1"), table("v2")
    assert len(first.ids_of) == 322
    assert len(second.ids_of) == 732
    assert first.ids_of.items() <= second.ids_of.items()
    assert (first.prosody, second.prosody) == (False, True)


def test_unknown_symbols_and_tables():
    assert table("v1").ids(["#", "a"]) == table("v1").ids([UNKNOWN, "a"])
    with pytest.raises(InvalidInput, match="v9"):
        table("v9")


@pytest.mark.parametrize(
    ("pinyin", "symbols"),
    [
        ("zhang3", ("zh", "ang3")),
        ("yuan2", ("y", "van2")),
        ("er4", ("EE", "er4")),
        ("zi5", ("z", "i05")),
        ("shi4", ("sh", "ir4")),
        ("lv4", ("l", "v4")),
        ("an1", ("AA", "an1")),
        ("hua1r", ("h", "ua1", "EE", "er2")),
        ("r", ("EE", "er2")),
        ("ng5", ("EE", "en5")),
    ],
)
def test_syllables(pinyin, symbols):
    assert spell_syllable(pinyin) == symbols


def test_every_syllable_has_symbols_that_exist():
    known = table("v1").ids_of
    for initial in ("", *ZH_INITIALS):
        for final in ZH_FINALS:
            pinyin = Syllable(initial, final, 3).pinyin
            exists = parse(pinyin) is not None and not (initial and final == "io")
            if exists:
                assert set(spell_syllable(pinyin)) <= set(known), pinyin
    assert len(syllables()) == 429


def test_every_symbol_of_a_mixture_exists():
    text = spelled("他说Hello world，こんにちは！")
    assert UNKNOWN not in text.symbols
    assert len(text.ids) == len(text.symbols) == len(text.spans)


def test_japanese_has_prosody_only_where_the_table_has_it():
    later, first = (spelled("今日は雨です。", "ja", name) for name in ("v2", "v1"))
    assert {"[", "]"} & set(later.symbols)
    assert not {"[", "]", "#"} & set(first.symbols)
    assert [s for s in later.symbols if s not in "[]#"] == list(first.symbols)
    assert not any(s in "AUEO" or s.endswith(("0", "1")) for s in first.symbols)


def test_english_is_arpabet_with_stress():
    assert spelled("Hello.", "en").symbols == ("HH", "AH0", "L", "OW1", ".")


def test_a_break_is_a_pause():
    assert "SP2" in spelled('你好<break time="300ms"/>世界', "zh").symbols


def test_segments_carry_what_text_features_need():
    text = spelled("你好, world，再见。", "zh")
    assert [segment.language for segment in text.segments] == ["zh", "en", "zh"]
    assert [segment.text for segment in text.segments] == ["你好,", "world,", "再见."]
    assert text.segments[0].counts == (2, 2, 1)
    assert sum(sum(segment.counts) for segment in text.segments) == len(text)


def test_text_features_see_simplified_characters():
    assert spelled("後來頭髮長了", "zh").segments[0].text == "后来头发长了"


def test_spans_point_into_the_text():
    source = "你好世界"
    text = spelled(source, "zh")
    assert [source[slice(*span)] for span in text.spans] == list("你你好好世世界界")
