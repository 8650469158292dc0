"""Our frontend's utterances in published symbols, with what the text features need to find their characters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from yinse.engine.text.phoneme import Language, Phoneme, Unit, Utterance
from yinse.engine.text.published.symbols import SymbolTable, syllables
from yinse.engine.text.spanned import Span
from yinse.engine.text.zh.syllable import Syllable, parse
from yinse.engine.text.zh.traditional import simplify

_ERHUA: Final = ("EE", "er2")
"""The published frontend spells the 儿 of erhua out."""
_NEAREST: Final = {"m": "mu", "n": "en", "ng": "en", "hm": "heng", "hng": "heng", "eh": "ei"}
"""Interjections that the published table lacks, by what it says in their place."""
_JAPANESE: Final = {"fy": ("f", "y"), "gw": ("g", "w"), "kw": ("k", "w"), "ty": ("t", "y")}
_PAUSE: Final = "SP2"
FEWEST: Final = 6
"""Shorter readings get a full stop in front: the models were not trained on them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Units of one language in a row: the spoken text of each, and how many symbols it has.

    Marks belong to the language before them. Only Chinese has text features, one
    unit a character; the published models read it in simplified characters.
    """

    language: Language
    texts: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def text(self) -> str:
        """The spoken text of all units."""
        return "".join(self.texts)


@dataclass(frozen=True, slots=True)
class PublishedText:
    """An utterance as the published models read it."""

    symbols: tuple[str, ...]
    ids: tuple[int, ...]
    spans: tuple[Span, ...]
    """The input characters of each symbol."""
    segments: tuple[Segment, ...]

    def __len__(self) -> int:
        return len(self.symbols)


def spell(utterance: Utterance, table: SymbolTable) -> PublishedText:
    """Spell an utterance in a symbol table."""
    spelled = [(unit, _spell_unit(unit, table)) for unit in utterance.units]
    symbols = tuple(symbol for _, group in spelled for symbol in group)
    spans = tuple(unit.span for unit, group in spelled for _ in group)
    return PublishedText(symbols, table.ids(symbols), spans, tuple(_segments(spelled)))


def framed(utterances: Sequence[Utterance], table: SymbolTable) -> list[Utterance]:
    """What is read in a row between the stops it needs: one behind each end without a mark, one before a very short reading."""
    closed = [
        one if _is_mark(one.units[-1]) else replace(one, units=(*one.units, _stop(one.span[1])))
        for one in utterances
    ]
    if sum(len(spell(one, table)) for one in closed) < FEWEST:
        closed[0] = replace(closed[0], units=(_stop(closed[0].span[0]), *closed[0].units))
    return closed


def _is_mark(unit: Unit) -> bool:
    return unit.language is None and not unit.phonemes[0].is_break


def _stop(place: int) -> Unit:
    span = (place, place)
    return Unit(".", None, span, "", (Phoneme(".", None, span),))


def _spell_unit(unit: Unit, table: SymbolTable) -> tuple[str, ...]:
    match unit.language:
        case "zh":
            return spell_syllable(unit.reading)
        case "ja":
            return tuple(symbol for phoneme in unit.phonemes for symbol in _japanese(phoneme, table))
        case "en":
            return tuple(phoneme.symbol.removeprefix("en/") for phoneme in unit.phonemes)
        case None:
            return (_PAUSE,) if unit.phonemes[0].is_break else (unit.phonemes[0].symbol,)


def spell_syllable(reading: str) -> tuple[str, ...]:
    """Two symbols of a numbered pinyin syllable, four with erhua; `r` alone is the 儿 of erhua."""
    syllable = parse(reading)
    if reading == "r" or syllable is None:
        return _ERHUA
    coda = _ERHUA if syllable.erhua else ()
    return (*_plain_syllable(syllable), *coda)


def _plain_syllable(syllable: Syllable) -> tuple[str, str]:
    pinyin = Syllable(syllable.initial, syllable.final, syllable.tone).pinyin[:-1]
    known = syllables().get(_NEAREST.get(pinyin, pinyin))
    onset, rime = known or (syllable.initial, syllable.final)
    return onset, f"{rime}{syllable.tone}"


def _japanese(phoneme: Phoneme, table: SymbolTable) -> Iterator[str]:
    """Phones without our pitch digit, devoiced vowels as voiced ones, then the pitch mark where the table has it."""
    phone = phoneme.symbol.removeprefix("ja/").rstrip("01")
    if phone in "AIUEO":
        phone = phone.lower()
    yield from _JAPANESE.get(phone, (phone,))
    if phoneme.accent and table.prosody:
        yield phoneme.accent


def _segments(spelled: list[tuple[Unit, tuple[str, ...]]]) -> Iterator[Segment]:
    languages = _languages([unit for unit, _ in spelled])
    for language, group in groupby(zip(languages, spelled, strict=True), key=lambda item: item[0]):
        units = [item for _, item in group]
        texts = tuple(simplify(unit.text) if unit.language == "zh" else unit.text for unit, _ in units)
        yield Segment(language, texts, tuple(len(symbols) for _, symbols in units))


def _languages(units: list[Unit]) -> list[Language]:
    """Language of every unit; a mark takes that of the unit before it, or of the first one."""
    first: Language = next((unit.language for unit in units if unit.language), "zh")
    languages: list[Language] = []
    for unit in units:
        languages.append(unit.language or (languages[-1] if languages else first))
    return languages
