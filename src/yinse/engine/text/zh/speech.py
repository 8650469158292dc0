"""Mandarin clauses to units: segmentation, readings in context, erhua and sandhi, in that order; one unit a hanzi."""

import re
from collections.abc import Iterator
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.directives import Directives, Override
from yinse.engine.text.phoneme import Phoneme, Unit
from yinse.engine.text.spanned import Spanned
from yinse.engine.text.zh import sandhi
from yinse.engine.text.zh.polyphones import read_in_context
from yinse.engine.text.zh.resolver import PolyphoneResolver
from yinse.engine.text.zh.sandhi import SpokenWord
from yinse.engine.text.zh.syllable import Syllable, parse
from yinse.engine.text.zh.traditional import simplify
from yinse.engine.text.zh.words import default_table

_REPEATED: Final = re.compile("(.)々")


def units_of(
    clause: Spanned, directives: Directives, polyphones: PolyphoneResolver | None = None
) -> list[Unit]:
    """Read a clause of hanzi without marks; given readings stand in it as directive characters."""
    words = sandhi.apply(list(_words(clause.text, directives, polyphones)))
    written = [char for word in words for char in word.text]
    syllables = [syllable for word in words for syllable in word.syllables]
    spans = [
        span for char, span in zip(clause.text, clause.spans, strict=True) for _ in _surface(char, directives)
    ]
    units = []
    for char, syllable, span in zip(written, syllables, spans, strict=True):
        phonemes = tuple(Phoneme(symbol, "zh", span) for symbol in syllable.symbols)
        units.append(Unit(char, "zh", span, syllable.pinyin, phonemes))
    return units


def _surface(char: str, directives: Directives) -> str:
    """The hanzi that a character stands for: itself, or the text of a given reading (one hanzi a syllable)."""
    override = directives.get(char)
    if not isinstance(override, Override):
        return char
    text = override.surface.text.strip()
    count = len(override.reading) if isinstance(override.reading, tuple) else 1
    return text if len(text) == count else "〇" * count


def _words(text: str, directives: Directives, polyphones: PolyphoneResolver | None) -> Iterator[SpokenWord]:
    """Segment what stands between given readings; a given reading is a word of its own."""
    start = 0
    for index, char in enumerate(text):
        override = directives.get(char)
        if isinstance(override, Override):
            yield from _segment(text[start:index], polyphones)
            syllables = (
                tuple(item for item in override.reading if isinstance(item, Syllable))
                if isinstance(override.reading, tuple)
                else ()
            )
            yield SpokenWord(_surface(char, directives), "x", syllables, fixed=True)
            start = index + 1
    yield from _segment(text[start:], polyphones)


def _segment(text: str, polyphones: PolyphoneResolver | None) -> Iterator[SpokenWord]:
    """Words of plain hanzi; `polyphones` reads those of one character, the table all others."""
    if not text:
        return
    table = default_table()
    text = _REPEATED.sub(r"\1\1", text)
    simplified = simplify(text)
    words = [table.word(part) for part in table.split(simplified)]
    resolved = polyphones(simplified) if polyphones else {}
    start = 0
    for index, word in enumerate(words):
        written = text[start : start + len(word.text)]
        own = table.readings(written) if written != word.text and len(written) == 1 else ()
        if len(word.text) == 1 and start in resolved:
            pinyin: tuple[str, ...] = (resolved[start],)
        else:
            pinyin = own if len(own) == 1 else read_in_context(words, index)
            if pinyin == ("",):  # the simplified character is too rare for the table
                pinyin = own[:1] or pinyin
        yield SpokenWord(written, word.tag, tuple(map(_syllable, pinyin, written)))
        start += len(word.text)


def _syllable(pinyin: str, char: str) -> Syllable:
    if (syllable := parse(pinyin)) is None:
        raise InvalidInput(f"The character {char} has no known reading: give one, such as {char}[yi1].")
    return syllable
