"""Powers and decibels."""

import numpy as np
import numpy.typing as npt

_SMALLEST = 1e-20


def decibels(power: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Ten times the logarithm of a power; -200 dB for none."""
    return 10.0 * np.log10(np.maximum(np.asarray(power, np.float64), _SMALLEST))
