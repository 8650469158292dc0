"""The best few seconds of a recording of any length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yinse.contracts.errors import RecordingRejected
from yinse.contracts.quality import Span

SHORTEST: Final = 3.0
LONGEST: Final = 10.0
"""Seconds that the published models accept as a reference."""
COMFORTABLE: Final = 6.0
"""More speech than this adds little; up to it, more is better."""
_PAUSE_COST: Final = 0.5
"""A second of pause inside the window costs as much as half a second of speech gains."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a recording in seconds, and why it was chosen."""

    start: float
    end: float
    reason: str

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.end - self.start


def best_window(seconds: float, speech: Sequence[Span]) -> Window:
    """Choose 3 to 10 s that begin and end in pauses and hold much speech and little silence.

    A recording that already has a fitting length is taken whole. Raises `RecordingRejected` where no stretch of ten seconds
    holds three between its first and its last word.
    """
    if SHORTEST <= seconds <= LONGEST:
        return Window(0.0, seconds, f"the whole recording, {seconds:.1f} s")
    candidates = [
        (first, last)
        for first in range(len(speech))
        for last in range(first, len(speech))
        if SHORTEST <= speech[last].end - speech[first].start <= LONGEST
    ]
    if not candidates:
        passage = max(speech, key=lambda span: span.seconds, default=Span(0.0, 0.0))
        if passage.seconds < SHORTEST:
            raise RecordingRejected(
                f"A reference needs at least {SHORTEST:.0f} s of speech; this recording of {seconds:.1f} s has less in one "
                "place. Speak a full sentence."
            )
        start, end = passage.start, passage.start + LONGEST
        return Window(start, end, f"{start:.1f}-{end:.1f} s, cut inside a passage without a pause")
    first, last = max(candidates, key=lambda pair: _worth(speech[pair[0] : pair[1] + 1]))
    start, end = speech[first].start, speech[last].end
    return Window(
        start, end, f"{start:.1f}-{end:.1f} s, {_spoken(speech[first : last + 1]):.1f} s of it speech"
    )


def _spoken(spans: Sequence[Span]) -> float:
    return sum(span.end - span.start for span in spans)


def _worth(spans: Sequence[Span]) -> float:
    spoken = _spoken(spans)
    pauses = spans[-1].end - spans[0].start - spoken
    return min(spoken, COMFORTABLE) - _PAUSE_COST * pauses
