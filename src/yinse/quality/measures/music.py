"""Music: tones that stand still and change, as notes do, between and under the speech.

Legend: G windows of 40 ms.
"""

import numpy as np
import numpy.typing as npt

from yinse.quality.measures.decibels import decibels
from yinse.quality.measures.noise import pause_frames, speech_level_dbfs
from yinse.quality.measures.reading import UNHEARD, Reading
from yinse.quality.measures.runs import runs
from yinse.quality.observe.frames import FRAMES_PER_SECOND, Array
from yinse.quality.observe.observer import Observation
from yinse.quality.observe.tonal import WINDOWS_PER_SECOND

_NOTES = 3
_LEAST_WINDOWS = 12
_UNDER_SPEECH = 2.0
_LOUD_BELOW_DB, _FAINT_BELOW_DB = 25.0, 40.0
_REFERENCE_DBFS = -20.0
_BRIDGE = 25
_SHORTEST = 12
_FRAMES_PER_WINDOW = FRAMES_PER_SECOND // WINDOWS_PER_SECOND


def music(observation: Observation) -> Reading:
    """Percent of the pauses in which three and more tones stand still; spans where.

    Tones less than 25 dB below the speech count in full, down to 40 dB by half. Without pauses, twice the
    share under the speech, whose own vowels hold tones in up to a sixth of it.
    """
    centres_G = np.arange(len(observation.tones)) * _FRAMES_PER_WINDOW + _FRAMES_PER_WINDOW // 2
    centres_G = centres_G[centres_G < len(observation.speech)]
    tones_G3 = observation.tones[: len(centres_G)]
    held_G, quiet_G = tones_G3[:, 0] >= _NOTES, pause_frames(observation)[centres_G]
    if quiet_G.sum() >= _LEAST_WINDOWS:
        weight_G = _weights(tones_G3[:, 2], speech_level_dbfs(observation))
        share, where_G = float((held_G * weight_G)[quiet_G].mean()), held_G & quiet_G & (weight_G > 0)
    elif len(held_G) >= _LEAST_WINDOWS:
        share, where_G = min(1.0, _UNDER_SPEECH * float(held_G.mean())), held_G
    else:
        return UNHEARD
    spans = runs(where_G, shortest=_SHORTEST, bridge=_BRIDGE, per_second=WINDOWS_PER_SECOND)
    return Reading(100.0 * share, spans)


def _weights(energy_G: Array, speech_level: float | None) -> npt.NDArray[np.float64]:
    """How much a window matters by its level relative to the speech: 1, a half, 0."""
    reference = _REFERENCE_DBFS if speech_level is None else speech_level
    below_G = reference - decibels(energy_G)
    return np.select([below_G < _LOUD_BELOW_DB, below_G < _FAINT_BELOW_DB], [1.0, 0.5], 0.0)
