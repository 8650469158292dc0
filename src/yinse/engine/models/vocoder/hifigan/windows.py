"""Which windows of its input a part of a generator runs over, of few sizes and with as little as possible run twice."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """What a part of a generator makes of its input frames."""

    rate: int
    """Output frames per input frame."""
    context: int
    """Input frames on either side of the one that an output frame stands in, that it depends on."""


@dataclass(frozen=True, slots=True)
class Window:
    """Input frames `start` to `end`, run as `size` frames; of what comes out, `kept` is new and right."""

    start: int
    end: int
    size: int
    kept: slice


def over(first: int, last: int, given: int, reach: Reach, steps: Sequence[int]) -> list[Window]:
    """Windows that together make the output frames `first` to `last` of `given` input frames, in order.

    A window has the context of its first and last output frames, but for those next to the ends of the sequence.
    `steps`, ascending, are the input frames by which windows advance: they are that many frames long and their context.
    """
    context = reach.context
    start = max(0, first // reach.rate - context)
    end = min(given, -(-last // reach.rate) + context)
    windows: list[Window] = []
    for size in sizes(end - start, 2 * context, steps):
        is_last = start + size >= end
        known = last if is_last else (start + size - context) * reach.rate
        zero = start * reach.rate
        windows.append(Window(start, min(end, start + size), size, slice(first - zero, known - zero)))
        start, first = start + size - 2 * context, known
    return windows


def sizes(frames: int, overlap: int, steps: Sequence[int]) -> list[int]:
    """Sizes (a step and the overlap) of windows that cover so many frames, each overlapping the one before.

    The largest as long as they are filled; what is left is covered by one, or by several where that is fewer frames.
    """
    largest = steps[-1]
    full = max(0, -(-(frames - overlap) // largest) - 1)
    return [largest + overlap] * full + _rest(frames - full * largest, overlap, steps)


def _rest(frames: int, overlap: int, steps: Sequence[int]) -> list[int]:
    whole = next(step for step in steps if step + overlap >= frames) + overlap
    filled = [step for step in steps if step + overlap < frames]
    if not filled:
        return [whole]
    several = [filled[-1] + overlap, *_rest(frames - filled[-1], overlap, steps)]
    return several if sum(several) < whole else [whole]
