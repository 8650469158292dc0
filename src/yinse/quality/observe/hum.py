"""Lines of the mains: power at 50 and 60 Hz and their harmonics, in windows of about a second.

Legend: W windows (two a second), N mains frequencies (50, 60 Hz), H harmonics.
"""

import numpy as np
import numpy.typing as npt

from yinse.engine.audio.resample import StreamResampler
from yinse.engine.audio.waveform import Samples
from yinse.quality.observe.frames import Framer, Growing

MAINS_HZ = (50.0, 60.0)
HARMONICS = 6
WINDOWS_PER_SECOND = 2
WINDOW_SECONDS = 1.024
_RATE = 1000
_WINDOW = 1024
_LINE_BINS = 2
_NEIGHBOUR_BINS = 8
_SMALLEST = 1e-14


class HumMeter:
    """Collects per half second the mean square of each line, and what its surroundings would give there."""

    def __init__(self, rate: int) -> None:
        self._resampler = StreamResampler(rate, _RATE)
        self._framer = Framer(_RATE, _WINDOW, per_second=WINDOWS_PER_SECOND)
        self._taper = np.hanning(_WINDOW + 1)[:-1]
        self._rows = Growing(2, len(MAINS_HZ), HARMONICS)

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,)."""
        self._measure(self._framer.push(self._resampler.push(samples)))

    def finish(self) -> None:
        """Take in what the resampler holds; a window that is not full is left out."""
        self._measure(self._framer.push(self._resampler.finish()))

    @property
    def lines(self) -> npt.NDArray[np.float32]:
        """Mean square of each line [0] and expected there without it [1]: (W, 2, N, H)."""
        return self._rows.rows

    def _measure(self, windows: Samples) -> None:
        if not len(windows):
            return
        spectrum = np.fft.rfft(windows * self._taper, axis=1)
        power = np.abs(spectrum) ** 2 * 2.0 / (_WINDOW * np.square(self._taper).sum())
        self._rows.extend(np.stack([_line_powers(power), _floor_powers(power)], axis=1))


def _line_bins() -> npt.NDArray[np.int64]:
    lines = np.array([[mains * k for k in range(1, HARMONICS + 1)] for mains in MAINS_HZ])
    return np.round(lines * _WINDOW / _RATE).astype(np.int64)


def _line_powers(power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    near = np.arange(-_LINE_BINS, _LINE_BINS + 1)
    lines: npt.NDArray[np.float64] = power[:, _line_bins()[..., None] + near].sum(axis=-1)
    return lines + _SMALLEST


def _floor_powers(power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Expected without a line, from the median around it (of exponential bins: mean = median / ln 2)."""
    side = np.arange(_LINE_BINS + 1, _LINE_BINS + 1 + _NEIGHBOUR_BINS)
    around = np.concatenate([-side, side])
    median = np.median(power[:, _line_bins()[..., None] + around], axis=-1)
    floors: npt.NDArray[np.float64] = median / np.log(2.0) * (2 * _LINE_BINS + 1)
    return floors + _SMALLEST
