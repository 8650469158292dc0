"""Power in bands of each frame, in two divisions of the axis.

*Linear* bands of 250 Hz up to half the sample rate show where the sound ends and what a codec took out;
*mel* bands up to 8 kHz follow the ear and are what decay and noise are judged in.
Legend: F frames of 10 ms, K frequency bins, L linear bands, M mel bands.
"""

import numpy as np
import numpy.typing as npt

from yinse.engine.audio.waveform import Samples
from yinse.quality.observe.frames import FRAMES_PER_SECOND, Array, Framer, Growing

LINEAR_STEP = 250.0
HIGHEST_LINEAR = 24_000.0
MEL_BANDS = 24
_MEL_EDGES = (80.0, 8000.0)
_WINDOW_SECONDS = 0.025
_SMALLEST = 1e-14


class SpectrumMeter:
    """Collects the mean square per band of each 25 ms window, windows centred on their frame of 10 ms."""

    def __init__(self, rate: int) -> None:
        window = round(_WINDOW_SECONDS * rate) // 2 * 2
        hop = rate // FRAMES_PER_SECOND
        left = (window - hop) // 2
        self._framer = Framer(rate, window - left, left=left)
        self._taper = np.hanning(window + 1)[:-1].astype(np.float32)
        scale = 2.0 / (window * np.square(self._taper, dtype=np.float64).sum())
        bins_K = np.arange(window // 2 + 1) * rate / window
        self._linear_KL = (_linear_bands(bins_K, rate) * scale).astype(np.float32)
        self._mel_KM = (_mel_bands(bins_K) * scale).astype(np.float32)
        self._linear, self._mel = Growing(self._linear_KL.shape[1]), Growing(MEL_BANDS)

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,)."""
        self._measure(self._framer.push(samples))

    def finish(self) -> None:
        """Take in the last frames."""
        self._measure(self._framer.finish())

    @property
    def linear(self) -> Array:
        """Mean square in each band of 250 Hz: (F, L)."""
        return self._linear.rows

    @property
    def mel(self) -> Array:
        """Mean square in each mel band: (F, M)."""
        return self._mel.rows

    def _measure(self, windows: Samples) -> None:
        from scipy.fft import rfft

        spectrum_FK = rfft(windows * self._taper, axis=1)
        power_FK = np.square(spectrum_FK.real) + np.square(spectrum_FK.imag)
        self._linear.extend(power_FK @ self._linear_KL + _SMALLEST)
        self._mel.extend(power_FK @ self._mel_KM + _SMALLEST)


def _linear_bands(bins_K: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.float64]:
    """Indicator of each bin's band: (K, L)."""
    bands = int(min(rate / 2, HIGHEST_LINEAR) // LINEAR_STEP)
    band_K = (bins_K / LINEAR_STEP).astype(int)
    belongs: npt.NDArray[np.float64] = (band_K[:, None] == np.arange(bands)).astype(np.float64)
    return belongs


def _mel_bands(bins_K: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Triangles on O'Shaughnessy's mel scale, overlapping by half: (K, M)."""
    low, high = (2595.0 * np.log10(1.0 + edge / 700.0) for edge in _MEL_EDGES)
    edges = 700.0 * (10.0 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595.0) - 1.0)
    rising = (bins_K[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins_K[:, None]) / np.diff(edges)[1:]
    triangles: npt.NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return triangles
