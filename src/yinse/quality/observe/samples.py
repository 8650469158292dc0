"""What single samples tell: peaks, power, runs at the ceiling, exact silence, a histogram.

Legend: T samples, F frames of 10 ms, H histogram bins.
"""

import numpy as np
import numpy.typing as npt

from yinse.engine.audio.waveform import Samples
from yinse.quality.observe.frames import FRAMES_PER_SECOND, Array, Framer, Growing

CEILING = 0.985
"""Share of full scale from which a sample counts as standing at the ceiling."""

CLIPPED_RUN = 3
"""Samples in a row at the ceiling that no natural wave of speech produces."""

HISTOGRAM_STEP_DB = 0.05
HISTOGRAM_LOWEST_DB = -40.0
HISTOGRAM_BINS = 1000

_ZERO = 1e-4
_SHORTEST_ZERO_SECONDS = 0.003


class SampleMeter:
    """Collects per frame: peak, mean square, samples in clipped runs."""

    def __init__(self, rate: int) -> None:
        hop = -(-rate // FRAMES_PER_SECOND)
        self._framer = Framer(rate, hop + CLIPPED_RUN - 1, left=CLIPPED_RUN - 1)
        self._frames = Growing(3)
        self._histogram = np.zeros(HISTOGRAM_BINS, np.int64)
        self._zeros = ZeroRuns(rate)

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,)."""
        self._zeros.push(samples)
        self._histogram += _histogram(samples)
        self._measure(self._framer.push(samples))

    def finish(self) -> None:
        """Take in what the last frame holds."""
        self._measure(self._framer.finish())

    @property
    def frames(self) -> Array:
        """Peak, mean square and clipped samples of each frame: (F, 3)."""
        return self._frames.rows

    @property
    def histogram(self) -> npt.NDArray[np.int64]:
        """How many samples have which magnitude, from -40 dBFS in steps of 0.05 dB: (H,)."""
        return self._histogram.copy()

    @property
    def zero_runs(self) -> list[tuple[float, float]]:
        """Start and end in seconds of every finished stretch of digital silence of at least 3 ms."""
        return list(self._zeros.runs)

    def _measure(self, windows: Samples) -> None:
        margin = CLIPPED_RUN - 1
        magnitude = np.abs(windows)
        inner = magnitude[:, margin:-margin]
        clipped = _in_runs(magnitude >= CEILING).sum(axis=1)
        self._frames.extend(np.stack([inner.max(axis=1), np.square(inner).mean(axis=1), clipped], axis=1))


def _histogram(samples: Samples) -> npt.NDArray[np.int64]:
    magnitude = np.abs(samples)
    levels = 20.0 * np.log10(magnitude[magnitude > 10 ** (HISTOGRAM_LOWEST_DB / 20)])
    bins = ((levels - HISTOGRAM_LOWEST_DB) / HISTOGRAM_STEP_DB).astype(np.int64)
    return np.bincount(np.minimum(bins, HISTOGRAM_BINS - 1), minlength=HISTOGRAM_BINS)


def _in_runs(hot: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which inner samples belong to a run of at least three: (F, T + 4) -> (F, T)."""
    starts = hot[:, :-2] & hot[:, 1:-1] & hot[:, 2:]
    return starts[:, 2:] | starts[:, 1:-1] | starts[:, :-2]


class ZeroRuns:
    """Finds stretches of digital silence in a stream."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._position = 0
        self._open: int | None = None
        self.runs: list[tuple[float, float]] = []

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,)."""
        zero = np.abs(samples) < _ZERO
        before = self._open is not None
        edges = np.flatnonzero(np.diff(np.concatenate([[before], zero])))
        for edge in edges.tolist():
            self._turn(self._position + edge)
        self._position += len(samples)

    def _turn(self, position: int) -> None:
        if self._open is None:
            self._open = position
            return
        start, self._open = self._open, None
        if position - start >= _SHORTEST_ZERO_SECONDS * self._rate:
            self.runs.append((start / self._rate, position / self._rate))
