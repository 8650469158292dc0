"""Text to what is spoken in one go: a sentence, cut where the text asks for a pause.

Legend: L phonemes, E text features.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

from yinse.engine.synthesis.breaks import stretches
from yinse.engine.text.phoneme import Utterance
from yinse.engine.text.published.spelling import framed
from yinse.engine.text.published.symbols import SymbolTable
from yinse.engine.voice.published.conditioning import TextFeatures
from yinse.engine.voice.published.reading import read


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is spoken in one go, and the seconds of silence asked for before and after it: 0 for the usual one after it."""

    index: int
    utterance: Utterance
    phones_L: Tensor
    features_EL: Tensor
    lead: float
    pause: float


def plan(utterances: Sequence[Utterance], symbols: SymbolTable, features: TextFeatures) -> Iterator[Sentence]:
    """Sentences in order; their text features are computed as they are taken."""
    for index, one in enumerate(stretches(utterances)):
        reading = read(framed([one.spoken], symbols), symbols, features)
        yield Sentence(index, one.spoken, reading.phones_L, reading.features_EL, one.lead, one.pause)
