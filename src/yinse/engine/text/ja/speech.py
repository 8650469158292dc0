"""Japanese runs to units: one unit a morpheme."""

from collections.abc import Iterator
from typing import Final

from yinse.engine.text.directives import Directives, Kana, Override
from yinse.engine.text.ja.openjtalk import Morpheme, morphemes, morphemes_with_readings
from yinse.engine.text.phoneme import Phoneme, Unit
from yinse.engine.text.spanned import Spanned

LONGEST_RUN: Final = 150
"""Longer runs without a mark are cut, at a particle where there is one: OpenJTalk slows down on them."""


def units_of(run: Spanned, directives: Directives) -> list[Unit]:
    """Read a run of Japanese without marks; given readings stand in it as directive characters."""
    return [unit for part in _parts(_speakable(run)) for unit in _units(part, directives)]


def _speakable(run: Spanned) -> Spanned:
    """The run from its first character that has a sound: OpenJTalk cannot begin with ー, ・ or a bracket."""
    start = next(
        (index for index, char in enumerate(run.text) if char not in "ー・々ゝゞヽヾ「」『』"), len(run)
    )
    return run.slice(start, len(run))


def _parts(run: Spanned) -> Iterator[Spanned]:
    start = 0
    while len(run) - start > LONGEST_RUN:
        window = run.text[start : start + LONGEST_RUN]
        cut = max(window.rfind(particle) for particle in "をはにがでと") + 1
        cut = cut if cut > LONGEST_RUN // 3 else LONGEST_RUN
        yield run.slice(start, start + cut)
        start += cut
    if start < len(run):
        yield run.slice(start, len(run))


def _units(run: Spanned, directives: Directives) -> Iterator[Unit]:
    parts: list[str | Kana] = []
    for char in run.text:
        directive = directives.get(char)
        if isinstance(directive, Override) and isinstance(directive.reading, Kana):
            parts.append(directive.reading)
        elif parts and isinstance(parts[-1], str):
            parts[-1] += char
        else:
            parts.append(char)
    plain = all(isinstance(part, str) for part in parts)
    for morpheme in morphemes(run.text) if plain else morphemes_with_readings(parts):
        if morpheme.phones:
            yield _unit(run, morpheme, directives)


def _unit(run: Spanned, morpheme: Morpheme, directives: Directives) -> Unit:
    span = run.cover(morpheme.start, morpheme.end)
    given = directives.get(run.text[morpheme.start])
    surface = given.surface.text if isinstance(given, Override) else morpheme.surface
    phonemes = tuple(Phoneme(phone.symbol, "ja", span, phone.accent) for phone in morpheme.phones)
    reading = " ".join(phone.symbol.removeprefix("ja/").rstrip("01") for phone in morpheme.phones)
    return Unit(surface, "ja", span, reading, phonemes)
