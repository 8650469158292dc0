"""Tones that stand still: how many spectral peaks of each 40 ms keep their pitch for a fifth of a second.

Notes of an instrument hold their partials; those of a voice glide with the intonation, most of all high up.
Legend: G windows of 128 ms every 40 ms, K frequency bins of 7.8 Hz.
"""

import numpy as np
import numpy.typing as npt

from yinse.engine.audio.resample import StreamResampler
from yinse.engine.audio.waveform import Samples
from yinse.quality.observe.frames import Array, Framer, Growing

WINDOWS_PER_SECOND = 25
_RATE = 16_000
_WINDOW = 2048
_BAND_HZ = (250.0, 5000.0)
_PROMINENCE_DB = 9.0
_SURROUNDINGS = 25
_HELD = 5
_ALWAYS_SECONDS = 4.0
_ALWAYS_SHARE = 0.5
_SMALLEST = 1e-14


class TonalMeter:
    """Collects per 40 ms: held peaks, all peaks, and the band's mean square."""

    def __init__(self, rate: int) -> None:
        self._resampler = StreamResampler(rate, _RATE)
        left = (_WINDOW - _RATE // WINDOWS_PER_SECOND) // 2
        self._framer = Framer(_RATE, _WINDOW - left, left=left, per_second=WINDOWS_PER_SECOND)
        self._taper = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
        self._first, last = (round(edge * _WINDOW / _RATE) for edge in _BAND_HZ)
        self._bins = slice(self._first, last)
        self._recent = np.zeros((_HELD - 1, last - self._first), bool)
        self._presence = np.zeros(last - self._first)
        self._rows = Growing(3)

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,)."""
        self._measure(self._framer.push(self._resampler.push(samples)))

    def finish(self) -> None:
        """Take in what the resampler and the last windows hold."""
        self._measure(self._framer.push(self._resampler.finish()))
        self._measure(self._framer.finish())

    @property
    def rows(self) -> Array:
        """Peaks that have stood still for 200 ms (constant whistles not counted), all peaks, mean square."""
        return self._rows.rows

    def _measure(self, windows: Samples) -> None:
        from scipy.fft import rfft

        if not len(windows):
            return
        power = np.abs(rfft(windows * self._taper, axis=1)) ** 2 + _SMALLEST
        peaks = _peaks(10.0 * np.log10(power))[:, self._bins]
        energy = power[:, self._bins].sum(axis=1) * 2.0 / (_WINDOW * np.square(self._taper).sum())
        held = np.array([self._count_held(row) for row in peaks])
        self._rows.extend(np.stack([held, peaks.sum(axis=1), energy], axis=1))

    def _count_held(self, peaks_K: npt.NDArray[np.bool_]) -> int:
        wide = peaks_K.copy()
        wide[1:] |= peaks_K[:-1]
        wide[:-1] |= peaks_K[1:]
        held = peaks_K & self._recent.all(axis=0) & (self._presence < _ALWAYS_SHARE)
        self._recent = np.concatenate([self._recent[1:], wide[None]])
        self._presence += (wide - self._presence) / (_ALWAYS_SECONDS * WINDOWS_PER_SECOND)
        return int(held.sum())


def _peaks(level_GK: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Local maxima that stand out from the median around them: (G, K)."""
    from scipy.ndimage import uniform_filter1d

    around = uniform_filter1d(level_GK, 2 * _SURROUNDINGS + 1, axis=1)
    peaks = np.zeros(level_GK.shape, bool)
    middle = level_GK[:, 1:-1]
    peaks[:, 1:-1] = (middle > level_GK[:, :-2]) & (middle >= level_GK[:, 2:])
    prominent: npt.NDArray[np.bool_] = peaks & (level_GK > around + _PROMINENCE_DB)
    return prominent
