"""Voicing and fundamental frequency of each frame, by autocorrelation.

Source: P. Boersma, "Accurate short-term analysis of the fundamental frequency ...", IFA Proceedings 17, 1993
(window's own autocorrelation divided out), without the path search. Legend: F frames of 10 ms, L lags.
"""

import numpy as np
import numpy.typing as npt

from yinse.engine.audio.resample import StreamResampler
from yinse.engine.audio.waveform import Samples
from yinse.quality.observe.frames import FRAMES_PER_SECOND, Array, Framer, Growing

RATE = 8_000
LOWEST_HZ, HIGHEST_HZ = 65.0, 500.0
_WINDOW = 360
_FFT = 1024
_FIRST_LAG, _LAST_LAG = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ) + 1
_SHORT_LAG_BONUS = 0.02
_SMALLEST = 1e-9


class PitchMeter:
    """Collects per frame the height of the autocorrelation peak (0..1) and its frequency in Hz."""

    def __init__(self, rate: int) -> None:
        hop = RATE // FRAMES_PER_SECOND
        self._resampler = StreamResampler(rate, RATE)
        self._framer = Framer(RATE, (_WINDOW + hop) // 2, left=(_WINDOW - hop) // 2)
        self._rows = Growing(2)

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,)."""
        self._measure(self._framer.push(self._resampler.push(samples)))

    def finish(self) -> None:
        """Take in what the resampler and the last frames hold."""
        self._measure(self._framer.push(self._resampler.finish()))
        self._measure(self._framer.finish())

    @property
    def periodicity(self) -> Array:
        """Height of the normalised autocorrelation peak: (F,)."""
        return self._rows.rows[:, 0]

    @property
    def hertz(self) -> Array:
        """Frequency of that peak in Hz, whether voiced or not: (F,)."""
        return self._rows.rows[:, 1]

    def _measure(self, windows: Samples) -> None:
        if len(windows):
            self._rows.extend(np.stack(_best_period(_autocorrelation(windows)), axis=1))


def _autocorrelation(windows: Samples) -> npt.NDArray[np.float64]:
    """Autocorrelation at lags 0.._LAST_LAG, 1 at lag zero, of tapered windows: (F, L)."""
    from scipy.fft import irfft, rfft

    def correlate(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        spectrum = rfft(rows, _FFT, axis=-1)
        lags: npt.NDArray[np.float64] = irfft(np.abs(spectrum) ** 2, axis=-1)[..., : _LAST_LAG + 2]
        return lags

    taper = np.hanning(_WINDOW)
    centred = (windows - windows.mean(axis=1, keepdims=True)) * taper
    raw_FL, own_L = correlate(centred), correlate(taper)
    normalised: npt.NDArray[np.float64] = raw_FL / (raw_FL[:, :1] + _SMALLEST) / (own_L / own_L[0])
    return normalised


def _best_period(correlation_FL: npt.NDArray[np.float64]) -> tuple[Array, Array]:
    """Highest peak with a slight preference for short lags: its height and its frequency, two (F,)."""
    lags = np.arange(_FIRST_LAG, _LAST_LAG + 1)
    middle = correlation_FL[:, _FIRST_LAG : _LAST_LAG + 1]
    left, right = correlation_FL[:, _FIRST_LAG - 1 : _LAST_LAG], correlation_FL[:, _FIRST_LAG + 1 :]
    peaks = (middle >= left) & (middle >= right)
    favoured = np.where(peaks, middle - _SHORT_LAG_BONUS * np.log2(lags / _FIRST_LAG), -1.0)
    rows, best = np.arange(len(middle)), favoured.argmax(axis=1)
    height, before, after = middle[rows, best], left[rows, best], right[rows, best]
    bend = np.minimum(before - 2.0 * height + after, -1e-6)
    lag = lags[best] + np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    return np.clip(height, 0.0, 1.0).astype(np.float32), (RATE / lag).astype(np.float32)
