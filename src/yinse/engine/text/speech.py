"""Normalised text of one region to units: cut by script, each stretch read by its language, marks between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from yinse.engine.text.characters import is_han, is_kana
from yinse.engine.text.directives import Break, Directives, Override
from yinse.engine.text.inventory import SILENCE
from yinse.engine.text.marks import mark_of
from yinse.engine.text.phoneme import Language, Phoneme, Unit
from yinse.engine.text.spanned import Spanned, join
from yinse.engine.text.zh.resolver import PolyphoneResolver

Label: TypeAlias = Literal["zh", "en", "ja", "mark", "break", "gap", "between"]
"""`gap`: silent (quotes, emoji), separates only English words; `between`: joins English words (space, hyphen, apostrophe)."""

_LATIN: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+(?:'[A-Za-zÀ-ÖØ-öø-ɏ]+)*'?")
_DASHES: Final = re.compile(r"-{2,}|(?<=\s)-(?=\s)")
_ELLIPSIS: Final = re.compile(r"\.{2,}|。{2,}|・{2,}")
_LETTERS_IN_JAPANESE: Final = 5
"""Capitals up to this length are named by Japanese in Japanese text (CD, NHK, Tシャツ); longer words are English."""


@dataclass(frozen=True, slots=True)
class _Run:
    label: Label
    text: Spanned


def units_of(
    spoken: Spanned,
    language: Language,
    directives: Directives,
    *,
    shouting: bool,
    polyphones: PolyphoneResolver | None = None,
) -> Iterator[Unit]:
    """Read one region's normalised text; marks come as they are written, adjacent ones not yet merged."""
    for run in _runs(spoken, _labels(spoken.text, language, directives)):
        match run.label:
            case "zh":
                from yinse.engine.text.zh import speech as mandarin

                yield from mandarin.units_of(run.text, directives, polyphones)
            case "ja":
                from yinse.engine.text.ja import speech as japanese

                yield from japanese.units_of(run.text, directives)
            case "en":
                from yinse.engine.text.en import speech as english

                yield from english.units_of(run.text, directives, shouting=shouting)
            case "mark":
                yield from _mark(run.text)
            case "break":
                yield from _break(run.text, directives)


def _mark(text: Spanned) -> Iterator[Unit]:
    symbol = (
        "…"
        if _ELLIPSIS.fullmatch(text.text)
        else "-"
        if _DASHES.fullmatch(text.text)
        else mark_of(text.text[0])
    )
    if symbol is not None:
        span = text.cover(0, len(text))
        yield Unit(symbol, None, span, "", (Phoneme(symbol, None, span),))


def _break(text: Spanned, directives: Directives) -> Iterator[Unit]:
    directive = directives.get(text.text)
    if isinstance(directive, Break) and directive.seconds > 0:
        span = text.spans[0]
        yield Unit("", None, span, "", (Phoneme(SILENCE, None, span, seconds=directive.seconds),))


def _labels(text: str, language: Language, directives: Directives) -> list[Label]:
    labels = [_label(char, language, directives) for char in text]
    for match in _LATIN.finditer(text):
        letters = match.group().isupper() and len(match.group()) <= _LETTERS_IN_JAPANESE
        spelled = language == "ja" and letters
        labels[match.start() : match.end()] = ["ja" if spelled else "en"] * (match.end() - match.start())
    for pattern in (_DASHES, _ELLIPSIS):
        for match in pattern.finditer(text):
            labels[match.start() : match.end()] = ["mark"] * (match.end() - match.start())
    return labels


def _label(char: str, language: Language, directives: Directives) -> Label:
    directive = directives.get(char)
    if directive is not None:
        return directive.language if isinstance(directive, Override) else "break"
    if is_kana(char):
        return "ja"
    if is_han(char):
        return "ja" if language == "ja" else "zh"
    if language == "ja" and ((char.isdigit() and char.isascii()) or char in "・「」『』"):
        return "ja"
    if char in " -'\n\t":
        return "between"
    return "mark" if mark_of(char) else "gap"


def _runs(spoken: Spanned, labels: list[Label]) -> Iterator[_Run]:
    """Maximal stretches of one label; gaps vanish or separate words, what lies between two English words stays with them."""
    _decimal_points(spoken.text, labels)
    pieces: list[Spanned] = []
    current: Label | None = None
    between: Spanned | None = None
    for index, label in enumerate(labels):
        piece = spoken.slice(index, index + 1)
        if label == "gap":
            if current == "en":
                pieces.append(Spanned(" ", piece.spans))
            continue
        if label == "between":
            between = piece if current == "en" else None
            if between is not None:
                pieces.append(between)
            continue
        joins = label == current and (label not in ("mark", "break") or _same_mark(spoken.text, index))
        if not joins and current is not None:
            yield _Run(current, join(pieces))
            pieces = []
        pieces.append(piece)
        current = label
    if current is not None:
        yield _Run(current, join(pieces))


def _same_mark(text: str, index: int) -> bool:
    """Whether the mark at `index` goes on from the one before it: `...`, `--`, `……`."""
    return index > 0 and text[index] == text[index - 1] and text[index] in ".。・-…—"


def _decimal_points(text: str, labels: list[Label]) -> None:
    """A point between figures belongs to them (only Japanese still has figures here)."""
    for match in re.finditer(r"(?<=\d)\.(?=\d)", text):
        labels[match.start()] = "ja"
