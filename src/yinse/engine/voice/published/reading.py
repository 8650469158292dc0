"""Utterances to what the semantic model reads: phoneme ids, and a text feature for each.

Legend: L phonemes, E text features, N characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from yinse.engine.text.phoneme import Utterance
from yinse.engine.text.published.spelling import PublishedText, Segment, spell
from yinse.engine.text.published.symbols import SymbolTable
from yinse.engine.voice.published.conditioning import TextFeatures

FEATURES: Final = 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """Phonemes with their text features."""

    phones_L: Tensor
    features_EL: Tensor
    text: str
    language: str

    @classmethod
    def empty(cls) -> "Reading":
        """Nothing to read."""
        return cls(torch.zeros(0, dtype=torch.int64), torch.zeros(FEATURES, 0), "", "")


def read(utterances: Sequence[Utterance], symbols: SymbolTable, features: TextFeatures) -> Reading:
    """Read utterances in a row."""
    spelled = [spell(utterance, symbols) for utterance in utterances]
    return Reading(
        torch.tensor([index for one in spelled for index in one.ids]),
        torch.cat([features_of(one, features) for one in spelled], 1),
        " ".join(utterance.spoken for utterance in utterances),
        _main_language(spelled),
    )


def features_of(text: PublishedText, features: TextFeatures) -> Tensor:
    """Text features of every phoneme, (E, L): Chinese from its characters, all else zero."""
    return torch.cat([_segment(segment, features) for segment in text.segments], 1)


def _segment(segment: Segment, features: TextFeatures) -> Tensor:
    found = torch.zeros(FEATURES, sum(segment.counts))
    if segment.language != "zh" or not segment.text:
        return found
    characters = features(segment.text).float()
    place = character = 0
    for text, count in zip(segment.texts, segment.counts, strict=True):
        if text:
            found[:, place : place + count] = characters[:, character, None]
        place, character = place + count, character + len(text)
    return found


def _main_language(spelled: Sequence[PublishedText]) -> str:
    counts: dict[str, int] = {}
    for text in spelled:
        for segment in text.segments:
            counts[segment.language] = counts.get(segment.language, 0) + sum(segment.counts)
    return max(counts, key=lambda language: counts[language]) if counts else ""
