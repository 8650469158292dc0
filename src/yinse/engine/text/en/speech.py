"""English runs to units: one unit a word."""

import re
from typing import Final

from yinse.engine.text.directives import Directives, Override
from yinse.engine.text.en import words as pronouncing
from yinse.engine.text.phoneme import Phoneme, Unit
from yinse.engine.text.spanned import Spanned

LONGEST_WORD: Final = 30
"""Letters that are read as one word; more are read in pieces."""
_LETTERS: Final = r"A-Za-zÀ-ÖØ-öø-ɏ"
_WORD: Final = re.compile(rf"[{_LETTERS}]+(?:'[{_LETTERS}]+)*'?|[\U000f0000-\U0010fffd]")


def units_of(run: Spanned, directives: Directives, *, shouting: bool) -> list[Unit]:
    """Read a run of English; `shouting` when the text around is all in capitals."""
    bounds = [bound for match in _WORD.finditer(run.text) for bound in _pieces(*match.span())]
    written = [run.text[start:end] for start, end in bounds]
    units = []
    for index, (start, end) in enumerate(bounds):
        directive = directives.get(written[index][0])
        if isinstance(directive, Override):
            phones = (
                tuple(str(phone) for phone in directive.reading)
                if isinstance(directive.reading, tuple)
                else ()
            )
            text = directive.surface.text
        else:
            phones, text = pronouncing.pronounce(written, index, shouting=shouting), written[index]
        span = run.cover(start, end)
        phonemes = tuple(Phoneme(f"en/{phone}", "en", span) for phone in phones)
        if phonemes:
            units.append(Unit(text, "en", span, " ".join(phones), phonemes))
    return units


def _pieces(start: int, end: int) -> list[tuple[int, int]]:
    return [(place, min(place + LONGEST_WORD, end)) for place in range(start, end, LONGEST_WORD)]
