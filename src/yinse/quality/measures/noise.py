"""Noise: what is heard when nobody speaks, and how far the speech stands above it.

Legend: F frames of 10 ms, P frames of pauses.
"""

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.quality.measures.decibels import decibels
from yinse.quality.measures.reading import UNHEARD, Reading
from yinse.quality.measures.runs import runs, total
from yinse.quality.observe.frames import FRAMES_PER_SECOND
from yinse.quality.observe.observer import Observation, frames_within

_BEFORE_SPEECH = 0.10
_AFTER_SPEECH = 0.25
_LEAST_PAUSE_FRAMES = 40
_TRIMMED = 0.95
_QUIET_PERCENTILE = 3.0
_LEAST_SPEECH_FRAMES = 50
_LOUD_BELOW_SPEECH_DB = 20.0
_LOUD_ABOVE_FLOOR_DB = 10.0
_BRIDGE = 15
_SHORTEST = 3


def pause_frames(observation: Observation) -> npt.NDArray[np.bool_]:
    """Frames further than 100 ms before and 250 ms behind speech (its echo): (F,)."""
    wide = [Span(max(0.0, s.start - _BEFORE_SPEECH), s.end + _AFTER_SPEECH) for s in observation.spans]
    return ~frames_within(wide, len(observation.speech))


def speech_level_dbfs(observation: Observation) -> float | None:
    """Mean power of the speech frames; None under half a second of speech."""
    if observation.speech.sum() < _LEAST_SPEECH_FRAMES:
        return None
    return float(decibels(observation.energy[observation.speech].mean()))


def noise_floor_dbfs(observation: Observation) -> float | None:
    """Level of the noise; None where nothing was heard.

    Mean of the pauses but for their loudest 5 % (knocks, words the detector missed). Where there is too
    little pause, the quietest 3 % of the speech frames: in stops and short gaps noise of 0 to 30 dB SNR is
    found within 2 dB.
    """
    quiet = pause_frames(observation)
    if quiet.sum() >= _LEAST_PAUSE_FRAMES:
        power_P = np.sort(observation.energy[quiet])
        return float(decibels(power_P[: max(1, int(len(power_P) * _TRIMMED))].mean()))
    if observation.speech.sum() < _LEAST_SPEECH_FRAMES:
        return None
    return float(decibels(np.percentile(observation.energy[observation.speech], _QUIET_PERCENTILE)))


def snr_db(observation: Observation) -> float | None:
    """Ratio of speech power (noise taken off) to noise power in dB; None without speech."""
    floor, level = noise_floor_dbfs(observation), speech_level_dbfs(observation)
    if floor is None or level is None:
        return None
    return float(decibels(max(10.0 ** ((level - floor) / 10.0) - 1.0, 1e-2)))


def disturbances(observation: Observation) -> Reading:
    """Percent of the pauses filled by intermittent noise: knocks, keys, voices, barks; spans where.

    Frames 10 dB above the steady floor of the pauses and less than 20 dB below the speech.
    """
    quiet, level = pause_frames(observation), speech_level_dbfs(observation)
    if level is None or quiet.sum() < _LEAST_PAUSE_FRAMES:
        return UNHEARD
    heard = decibels(observation.energy)
    floor = float(np.median(heard[quiet]))
    loud = quiet & (heard > max(floor + _LOUD_ABOVE_FLOOR_DB, level - _LOUD_BELOW_SPEECH_DB))
    spans = runs(loud, shortest=_SHORTEST, bridge=_BRIDGE)
    return Reading(100.0 * total(spans) * FRAMES_PER_SECOND / float(quiet.sum()), spans)
