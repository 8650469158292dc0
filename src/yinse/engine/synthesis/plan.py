"""Text to segments: what is spoken in one go, with pauses made explicit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from yinse.engine.synthesis.breaks import stretches
from yinse.engine.text.inventory import SILENCE, SYMBOL_IDS, is_spoken
from yinse.engine.text.phoneme import Phoneme, Utterance

TOKENS_PER_SECOND: Final = 25
FINAL_MARK: Final = "."
REST_AT_END: Final = 3
"""Frames of silence that end the speech: its last sound fades out."""
REST_AT_BREAK: Final = 2
"""The same before a pause of a length that was asked for."""
REST: Final = {",": 4, "-": 4}
REST_OF_SENTENCE: Final = 10
"""The same before the next segment, by its closing mark, in token frames (40 ms). With the silence that the next one begins with
(two or three frames) 0.25 s and 0.5 s: a full stop is more than a comma."""
REST_OF_PARAGRAPH: Final = 20
"""The same before an empty line."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch spoken in one go: `text` at `span` of the whole; `phonemes[i]` belongs to `ids[i]`.

    It ends with at least `rest` frames of silence; `pause` seconds of nothing follow it, and `lead` seconds precede it.
    """

    index: int
    text: str
    span: tuple[int, int]
    phonemes: tuple[Phoneme, ...]
    pause: float
    rest: int = REST_AT_END
    lead: float = 0.0

    @property
    def ids(self) -> list[int]:
        """Inventory ids as the semantic model takes them."""
        return [SYMBOL_IDS[phoneme.symbol] for phoneme in self.phonemes]


def plan(utterances: list[Utterance], text: str = "") -> list[Segment]:
    """Cut utterances of `text` at explicit breaks, and frame each segment with a pause and a final mark."""
    segments = [
        Segment(
            index, one.spoken.text, one.spoken.span, _framed(one.spoken.phonemes), one.pause, lead=one.lead
        )
        for index, one in enumerate(stretches(utterances))
    ]
    return [*(_before(*pair, text) for pair in pairwise(segments)), *segments[-1:]]


def _before(segment: Segment, following: Segment, text: str) -> Segment:
    """A segment with the rest that leads over to the one that follows."""
    if segment.pause:
        return replace(segment, rest=REST_AT_BREAK)
    if text[segment.span[1] : following.span[0]].count("\n") > 1:
        return replace(segment, rest=REST_OF_PARAGRAPH)
    return replace(segment, rest=REST.get(segment.phonemes[-1].symbol, REST_OF_SENTENCE))


def _framed(phonemes: Sequence[Phoneme]) -> tuple[Phoneme, ...]:
    """Start from silence and end on a mark, as recordings do."""
    start, end = phonemes[0].span[0], phonemes[-1].span[1]
    first = Phoneme(SILENCE, None, (start, start))
    closed = (
        phonemes if not is_spoken(phonemes[-1].symbol) else [*phonemes, Phoneme(FINAL_MARK, None, (end, end))]
    )
    return (first, *closed)
