"""Level: integrated loudness (LUFS, ITU-R BS.1770-4) and true peak (dBTP, annex 2)."""

import numpy as np
import numpy.typing as npt

from yinse.quality.measures.decibels import decibels
from yinse.quality.observe.observer import Observation

_OFFSET = -0.691
_BLOCK_FRAMES = 40
_HOP_FRAMES = 10
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0


def loudness_lufs(observation: Observation) -> float | None:
    """Gated loudness over blocks of 400 ms, overlapping by 300; None where no block passes -70 LUFS."""
    energy = observation.loudness.astype(np.float64)
    if len(energy) < _BLOCK_FRAMES:
        return None
    sums = np.concatenate([[0.0], np.cumsum(energy)])
    blocks = (sums[_BLOCK_FRAMES:] - sums[:-_BLOCK_FRAMES])[::_HOP_FRAMES] / _BLOCK_FRAMES
    loud = blocks[_lufs(blocks) >= _ABSOLUTE_GATE]
    if not len(loud):
        return None
    gated = loud[_lufs(loud) >= _lufs(loud.mean()) + _RELATIVE_GATE]
    return float(_lufs(gated.mean()))


def true_peak_dbtp(observation: Observation) -> float | None:
    """Highest level between the samples; None for digital silence."""
    peak = max(observation.true_peak, float(observation.peak.max(initial=0.0)))
    return 20.0 * float(np.log10(peak)) if peak > 0.0 else None


def _lufs(mean_square: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return _OFFSET + decibels(mean_square)
