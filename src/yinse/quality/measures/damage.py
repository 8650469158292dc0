"""Damage done on the way: dropouts, low bit rates, noise gates."""

import numpy as np

from yinse.contracts.quality import Span
from yinse.quality.measures.bandwidth import bandwidth
from yinse.quality.measures.decibels import decibels
from yinse.quality.measures.noise import pause_frames, speech_level_dbfs
from yinse.quality.measures.reading import UNHEARD, Reading
from yinse.quality.observe.frames import FRAMES_PER_SECOND
from yinse.quality.observe.observer import Observation
from yinse.quality.observe.spectrum import LINEAR_STEP

_LONGEST_DROPOUT = 0.5
_LOUD_BELOW_SPEECH_DB = 15.0
_HOLE_DB = 20.0
_LOWEST_BAND = 4  # 1 kHz
_HIGHEST_HZ = 8000.0
_LEAST_SPEECH_FRAMES = 200
_LEAST_PAUSE_FRAMES = 40
_GAP_PERCENTILE = 3.0


def dropouts(observation: Observation) -> Reading:
    """Holes a minute: digital silence of 3 to 500 ms torn into loud sound on both sides; spans where.

    Both neighbouring frames must peak above the speech level less 15 dB: gates and cuts close in silence.
    """
    level = speech_level_dbfs(observation)
    if level is None:
        return UNHEARD
    loud = 10.0 ** ((level - _LOUD_BELOW_SPEECH_DB) / 20.0)
    spans = tuple(
        Span(start, end)
        for start, end in observation.zero_runs
        if end - start <= _LONGEST_DROPOUT
        and _peak_at(observation, start) > loud < _peak_at(observation, end)
    )
    return Reading(60.0 * len(spans) / observation.seconds, spans)


def _peak_at(observation: Observation, seconds: float) -> float:
    """Highest peak of the frame that holds this moment and its two neighbours."""
    frame = int(seconds * FRAMES_PER_SECOND)
    return float(observation.peak[max(0, frame - 1) : frame + 2].max(initial=0.0))


def spectral_holes_percent(observation: Observation) -> float | None:
    """Share of the speech's cells (10 ms, 250 Hz, 1 kHz up) that fall 20 dB for a single frame.

    Coders short of bits drop bands for a frame and pick them up again: MP3 at 24 and 32 kbit/s made 0.2 to
    0.4 % of them, at 64 kbit/s up to 0.1 %, Opus at any rate and clean recordings at most 0.02 %. None under
    2 s of speech.
    """
    band = bandwidth(observation)
    if band is None or observation.speech.sum() < _LEAST_SPEECH_FRAMES:
        return None
    highest = int(min(band.voice_hz, _HIGHEST_HZ) / LINEAR_STEP) - 1
    power = observation.linear[:, _LOWEST_BAND:highest]
    if power.shape[1] == 0:
        return None
    deep = power * np.float32(10.0 ** (_HOLE_DB / 10.0))
    holes = (deep[1:-1] < power[:-2]) & (deep[1:-1] < power[2:])
    return 100.0 * float(holes[observation.speech[1:-1]].mean())


def gating_db(observation: Observation) -> float | None:
    """How much quieter the pauses are than the gaps within speech; None where either is missing.

    Where a noise gate or a suppressor works, the noise stays under the speech and vanishes from the pauses.
    """
    quiet = pause_frames(observation)
    if quiet.sum() < _LEAST_PAUSE_FRAMES or observation.speech.sum() < _LEAST_SPEECH_FRAMES:
        return None
    between = float(decibels(np.percentile(observation.energy[observation.speech], _GAP_PERCENTILE)))
    return between - float(decibels(np.median(observation.energy[quiet])))
