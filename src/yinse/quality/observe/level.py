"""How loud: K-weighted energy of each frame (ITU-R BS.1770-4) and the true peak so far."""

import numpy as np
import numpy.typing as npt

from yinse.engine.audio.resample import StreamResampler
from yinse.engine.audio.waveform import Samples
from yinse.quality.observe.frames import FRAMES_PER_SECOND, Array, Framer, Growing

_SHELF = (4.0, 1 / np.sqrt(2), 1500.0, "high_shelf")
_HIGH_PASS = (0.0, 0.5, 38.0, "high_pass")
_OVERSAMPLING = 4


class LevelMeter:
    """Collects the K-weighted mean square of each 10 ms and the highest true peak."""

    def __init__(self, rate: int) -> None:
        self._stages = [_Biquad(rate, *_SHELF), _Biquad(rate, *_HIGH_PASS)]
        self._framer = Framer(rate, -(-rate // FRAMES_PER_SECOND))
        self._energy = Growing()
        self._oversampler = StreamResampler(rate, rate * _OVERSAMPLING)
        self.true_peak = 0.0

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,)."""
        weighted = samples.astype(np.float64)
        for stage in self._stages:
            weighted = stage.filter(weighted)
        self._measure(self._framer.push(weighted.astype(np.float32)))
        self._raise_peak(samples, self._oversampler.push(samples))

    def finish(self) -> None:
        """Take in what the last frame and the oversampler hold."""
        self._measure(self._framer.finish())
        self._raise_peak(self._oversampler.finish())

    @property
    def energy(self) -> Array:
        """K-weighted mean square of each frame: (F,)."""
        return self._energy.rows

    def _measure(self, windows: Samples) -> None:
        self._energy.extend(np.square(windows).mean(axis=1))

    def _raise_peak(self, *parts: Samples) -> None:
        for part in parts:
            self.true_peak = max(self.true_peak, float(np.abs(part).max(initial=0.0)))


class _Biquad:
    """One second-order stage with its memory."""

    def __init__(self, rate: int, gain: float, q: float, hertz: float, kind: str) -> None:
        from pyloudnorm import IIRfilter

        design = IIRfilter(gain, q, hertz, rate, kind)
        self._b, self._a = design.b, design.a
        self._memory = np.zeros(2)

    def filter(self, samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        from scipy.signal import lfilter

        filtered, self._memory = lfilter(self._b, self._a, samples, zi=self._memory)
        out: npt.NDArray[np.float64] = filtered
        return out
