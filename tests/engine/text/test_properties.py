"""What must hold for any text at all."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.inventory import SYMBOL_IDS

PIECES = [
    "你好", "银行", "儿", "一", "不", "了", "東京", "駅", "です", "カラオケ", "ー", "々", "hello", "US", "it's", "é", "ﾊﾞ", "Ａ",
    "3", "2024年", "3.5%", "¥5", "12:30", "1-2", "1/2", "010-62781234", "a@b.com", "5km", "Ⅷ", "½", "x²",
    "。", "，", ".", "!", "？", "…", "——", "-", "“", "”", "（", ")", "「", "」", "'", " ", "\n", "\t", "\u200b", "\x00",
    "😀", "❤\ufe0f", "①", "[", "]", "[hao3]", "<", ">", "<break time='1s'/>", "<lang xml:lang='ja'>", "</lang>",
    "<sub alias='好'>x</sub>", "<say-as interpret-as='digits'>12</say-as>", "&", "+", "=", "~", "\U00020000", "\ud800",
    "Henry ", "Rocky ", "I", "VIII", "USD", "€", "1 000", "⁻³", "H₂", "½", "p.", "Dr.", "U.S.", "5/6/07", "Mon.-Fri.", "1h30m", "（火）", "金を払う",
    "〆切", "ははは", "乾隆", "看著", "京A·", "3个", "会議", "2-1で", "/kg",
]  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.text(max_size=25),
)
FRONTEND = TextFrontend(max_phonemes=15)
MANY = settings(max_examples=150)


def is_skippable(text: str) -> bool:
    return all(
        char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co", "Cs") for char in text
    )


@MANY
@given(TEXTS, st.sampled_from(["auto", "zh", "en", "ja"]))
def test_every_character_is_in_exactly_one_utterance_or_is_blank(text: str, language: str) -> None:
    try:
        utterances = FRONTEND.analyse(text, language)
    except InvalidInput:
        return
    position = 0
    for utterance in utterances:
        start, end = utterance.span
        assert position <= start <= end
        assert is_skippable(text[position:start])
        assert utterance.text == text[start:end]
        position = end
    assert is_skippable(text[position:])


@MANY
@given(TEXTS, st.sampled_from(["auto", "zh", "ja"]))
def test_phonemes_are_known_bounded_and_point_into_the_text(text: str, language: str) -> None:
    try:
        utterances = FRONTEND.analyse(text, language)
    except InvalidInput:
        return
    for utterance in utterances:
        sounds = [phoneme for phoneme in utterance.phonemes if not phoneme.is_break]
        assert 0 < len(sounds) <= max(15, max(utterance.word2ph))
        assert "/" in sounds[0].symbol
        for phoneme in utterance.phonemes:
            assert phoneme.symbol in SYMBOL_IDS
            assert 0 <= phoneme.span[0] < phoneme.span[1] <= len(text)
        starts = [unit.span[0] for unit in utterance.units]
        assert starts == sorted(starts)


@MANY
@given(TEXTS)
def test_the_same_text_gives_the_same_phonemes(text: str) -> None:
    try:
        first = FRONTEND.analyse(text)
    except InvalidInput:
        return
    assert FRONTEND.analyse(text) == first
