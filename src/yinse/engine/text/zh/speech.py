"""Mandarin clauses to syllables: segmentation, readings in context, erhua and sandhi, in that order."""

from collections.abc import Sequence
from typing import Final

from yinse.engine.text.zh import sandhi
from yinse.engine.text.zh.polyphones import read_in_context
from yinse.engine.text.zh.sandhi import SpokenWord
from yinse.engine.text.zh.syllable import Syllable, parse
from yinse.engine.text.zh.words import Word, WordTable, default_table

_NAMELESS: Final = ()


def is_hanzi(char: str) -> bool:
    """Whether a character is a CJK ideograph (extension planes and 〇 included)."""
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char == "〇" or char >= "\U00020000"


def syllables_of(clause: str, table: WordTable | None = None) -> list[Syllable]:
    """Read a clause of hanzi; one syllable a character, tones as they sound."""
    table = table or default_table()
    words = [table.word(text) for text in table.split(clause)]
    spoken = [_speak(words, index) for index in range(len(words))]
    return [syllable for word in sandhi.apply(spoken) for syllable in word.syllables]


def _speak(words: Sequence[Word], index: int) -> SpokenWord:
    readings = read_in_context(words, index)
    syllables = tuple(parse(reading) for reading in readings)
    return SpokenWord(words[index].text, words[index].tag, tuple(s for s in syllables if s is not None))
