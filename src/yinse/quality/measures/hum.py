"""Hum: lines at the mains frequency and its harmonics."""

from dataclasses import dataclass

import numpy as np

from yinse.quality.measures.decibels import decibels
from yinse.quality.measures.noise import speech_level_dbfs
from yinse.quality.observe.hum import MAINS_HZ
from yinse.quality.observe.observer import Observation

_PROMINENCE = 4.0
_STEADY_PERCENTILE = 30.0
_LEAST_WINDOWS = 4


@dataclass(frozen=True, slots=True)
class Hum:
    """Power of the stronger mains in dB relative to the speech (-120 for none), and which it is in Hz."""

    relative_db: float
    mains_hz: float


def hum(observation: Observation) -> Hum | None:
    """Steady lines at 50 or 60 Hz and their first six harmonics; None under 2.5 s or without speech.

    A line counts where it exceeds its surroundings fourfold, in seven of ten windows: so the harmonics of a
    voice passing by do not. Recovers hum of -35 to -55 dBFS under speech within 2 dB.
    """
    level = speech_level_dbfs(observation)
    if level is None or len(observation.hum) < _LEAST_WINDOWS:
        return None
    line, around = observation.hum[:, 0], observation.hum[:, 1]
    excess = np.where(line > _PROMINENCE * around, line - around, 0.0)
    power = np.percentile(excess, _STEADY_PERCENTILE, axis=0).sum(axis=-1)
    strongest = int(np.argmax(power))
    return Hum(max(-120.0, float(decibels(power[strongest])) - level), MAINS_HZ[strongest])
