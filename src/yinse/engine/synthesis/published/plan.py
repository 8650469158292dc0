"""Text to what is spoken in one go: a sentence, cut where the text asks for a pause.

Legend: L phonemes, E text features.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import torch
from torch import Tensor

from yinse.engine.text.inventory import is_spoken
from yinse.engine.text.phoneme import Unit, Utterance
from yinse.engine.text.published.spelling import PublishedText, spell
from yinse.engine.text.published.symbols import SymbolTable
from yinse.engine.voice.published.conditioning import TextFeatures
from yinse.engine.voice.published.reading import FEATURES, features_of

FEWEST: Final = 6
"""Shorter readings get a full stop in front: the models were not trained on them."""
STOP: Final = "."
_FINAL: Final = frozenset(".?!…")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is spoken in one go, and the silence after it in seconds (None: the usual one)."""

    index: int
    utterance: Utterance
    phones_L: Tensor
    features_EL: Tensor
    pause: float | None


def plan(utterances: Sequence[Utterance], symbols: SymbolTable, features: TextFeatures) -> Iterator[Sentence]:
    """Sentences in order; their text features are computed as they are taken."""
    for index, (part, pause) in enumerate(_parts(utterances)):
        text = spell(part, symbols)
        phones, vectors = _framed(text, symbols, features)
        yield Sentence(index, part, phones, vectors, pause)


def _parts(utterances: Sequence[Utterance]) -> list[tuple[Utterance, float | None]]:
    """Stretches that are spoken, and the pause asked for after each; one before the first is dropped."""
    parts: list[tuple[Utterance, float | None]] = []
    for utterance in utterances:
        for is_break, group in groupby(utterance.units, key=_is_break):
            units = tuple(group)
            if is_break and parts:
                seconds = (parts[-1][1] or 0.0) + sum(unit.phonemes[0].seconds for unit in units)
                parts[-1] = (parts[-1][0], seconds)
            elif not is_break and any(is_spoken(p.symbol) for unit in units for p in unit.phonemes):
                parts.append((replace(utterance, units=units), None))
    return parts


def _is_break(unit: Unit) -> bool:
    return unit.phonemes[0].is_break and unit.phonemes[0].seconds > 0


def _framed(text: PublishedText, symbols: SymbolTable, features: TextFeatures) -> tuple[Tensor, Tensor]:
    """Phonemes and features between the stops they need: one at the end, one before very short readings."""
    (stop,) = symbols.ids([STOP])
    ids, vectors = list(text.ids), features_of(text, features)
    if text.symbols[-1] not in _FINAL:
        ids, vectors = [*ids, stop], torch.cat([vectors, torch.zeros(FEATURES, 1)], 1)
    if len(ids) < FEWEST:
        ids, vectors = [stop, *ids], torch.cat([torch.zeros(FEATURES, 1), vectors], 1)
    return torch.tensor(ids), vectors
