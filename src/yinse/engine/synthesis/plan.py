"""Text to segments: what is spoken in one go, with pauses made explicit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from yinse.engine.text.inventory import SILENCE, SYMBOL_IDS, is_spoken
from yinse.engine.text.phoneme import Phoneme, Utterance

TOKENS_PER_SECOND: Final = 25
FINAL_MARK: Final = "."


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch spoken in one go; `phonemes[i]` belongs to `ids[i]`. `pause` seconds of silence follow it."""

    index: int
    text: str
    span: tuple[int, int]
    phonemes: tuple[Phoneme, ...]
    pause: float

    @property
    def ids(self) -> list[int]:
        """Inventory ids as the semantic model takes them."""
        return [SYMBOL_IDS[phoneme.symbol] for phoneme in self.phonemes]


def plan(utterances: list[Utterance]) -> Iterator[Segment]:
    """Cut utterances at explicit breaks, and frame each segment with a pause and a final mark."""
    index = 0
    for utterance in utterances:
        for phonemes, pause in _at_breaks(utterance.phonemes):
            if any(is_spoken(phoneme.symbol) for phoneme in phonemes):
                yield Segment(index, utterance.text, utterance.span, _framed(phonemes), pause)
                index += 1


def _at_breaks(phonemes: tuple[Phoneme, ...]) -> Iterator[tuple[list[Phoneme], float]]:
    run: list[Phoneme] = []
    for phoneme in phonemes:
        if phoneme.is_break and phoneme.seconds > 0:
            yield run, phoneme.seconds
            run = []
        else:
            run.append(phoneme)
    yield run, 0.0


def _framed(phonemes: list[Phoneme]) -> tuple[Phoneme, ...]:
    """Start from silence and end on a mark, as recordings do."""
    start, end = phonemes[0].span[0], phonemes[-1].span[1]
    first = Phoneme(SILENCE, None, (start, start))
    closed = (
        phonemes if not is_spoken(phonemes[-1].symbol) else [*phonemes, Phoneme(FINAL_MARK, None, (end, end))]
    )
    return (first, *closed)
