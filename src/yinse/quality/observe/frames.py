"""The common clock of every observer: a hundred frames a second, whatever the sample rate and the chunks."""

import numpy as np
import numpy.typing as npt

from yinse.engine.audio.waveform import Samples

FRAMES_PER_SECOND = 100

Array = npt.NDArray[np.float32]


class Growing:
    """An array that grows at its end: rows of shape `row`, float32, appended in amortised constant time."""

    def __init__(self, *row: int) -> None:
        self._rows = np.zeros((1024, *row), np.float32)
        self._count = 0

    def extend(self, rows: npt.ArrayLike) -> None:
        """Append rows (N, *row)."""
        new = np.asarray(rows, np.float32)
        needed = self._count + len(new)
        if needed > len(self._rows):
            larger = np.zeros((max(needed, 2 * len(self._rows)), *self._rows.shape[1:]), np.float32)
            larger[: self._count] = self._rows[: self._count]
            self._rows = larger
        self._rows[self._count : needed] = new
        self._count = needed

    @property
    def rows(self) -> Array:
        """All rows so far; a view, not to be written to."""
        return self._rows[: self._count]


class Framer:
    """Cuts a stream into frames that start every `1 / per_second` s, each with samples around it.

    Frame i starts at sample `i * rate // per_second`; its window holds `left` samples before the start and
    `length` from it on. Before the stream there is silence.
    """

    def __init__(self, rate: int, length: int, *, left: int = 0, per_second: int = FRAMES_PER_SECOND) -> None:
        self._rate, self._per_second = rate, per_second
        self._left, self._length = left, length
        self._held = np.zeros(left, np.float32)
        self._base = -left  # position in the stream of the first held sample
        self._end = 0
        self._next = 0

    def push(self, samples: Samples) -> Samples:
        """Samples (T,) -> the windows they complete: (N, left + length)."""
        self._end += len(samples)
        return self._cut(samples, (self._end - self._length) * self._per_second // self._rate)

    def finish(self) -> Samples:
        """The windows of the last frames, filled up with silence; every frame that has begun is there."""
        last = (self._end * self._per_second - 1) // self._rate
        return self._cut(np.zeros(self._length, np.float32), last)

    def _cut(self, samples: Samples, last: int) -> Samples:
        held = np.concatenate([self._held, samples])
        frames = np.arange(self._next, last + 1)
        starts = frames * self._rate // self._per_second - self._left - self._base
        windows: Samples = held[starts[:, None] + np.arange(self._left + self._length)]
        self._next += len(frames)
        keep = self._next * self._rate // self._per_second - self._left - self._base
        self._held, self._base = held[keep:].copy(), self._base + keep
        return windows
