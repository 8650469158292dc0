"""Outbursts: coughs and the like, laughter, loud breaths.

Rules of thumb: no labelled recordings were at hand to calibrate them on, only speech in which to stay silent.

Legend: F frames of 10 ms, W windows of 1.1 s every 100 ms, L lags.
"""

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.quality.measures.decibels import decibels
from yinse.quality.measures.noise import noise_floor_dbfs, pause_frames, speech_level_dbfs
from yinse.quality.measures.reading import UNHEARD, Reading
from yinse.quality.measures.runs import runs, total
from yinse.quality.observe.observer import Observation

_UNVOICED = 0.45
_COUGH_BELOW_SPEECH_DB = 10.0
_COUGH_FRAMES = 24
_BREATH_BELOW_SPEECH_DB = 26.0
_BREATH_ABOVE_FLOOR_DB = 8.0
_BREATH_FRAMES = 12
_LAUGH_BANDS = slice(2, 18)
_LAUGH_WINDOW, _LAUGH_HOP = 110, 10
_LAUGH_LAGS = slice(15, 29)
_LAUGH_REGULARITY = 0.9
_LAUGH_DEPTH_DB = 6.0
_LAUGH_RANGE_DB = 35.0


def outbursts(observation: Observation) -> Reading:
    """Seconds a minute of coughs, laughter and loud breaths together; spans where."""
    level = speech_level_dbfs(observation)
    if level is None:
        return UNHEARD
    found = coughs(observation, level) + laughter(observation, level) + breaths(observation, level)
    return Reading(60.0 * total(found) / observation.seconds, tuple(sorted(found)))


def coughs(observation: Observation, level: float) -> tuple[Span, ...]:
    """Noise without voice, about as loud as speech, for 240 ms and more; in 16 minutes of speech the longest
    loud unvoiced stretch was 180 ms."""
    loud = decibels(observation.energy) > level - _COUGH_BELOW_SPEECH_DB
    return runs(loud & (observation.periodicity < _UNVOICED), shortest=_COUGH_FRAMES)


def breaths(observation: Observation, level: float) -> tuple[Span, ...]:
    """Unvoiced sound of 120 ms and more in a pause, well above its floor, at most 26 dB below the speech."""
    floor = noise_floor_dbfs(observation)
    if floor is None:
        return ()
    heard = decibels(observation.energy)
    audible = heard > max(floor + _BREATH_ABOVE_FLOOR_DB, level - _BREATH_BELOW_SPEECH_DB)
    unvoiced = observation.periodicity < _UNVOICED
    return runs(audible & unvoiced & pause_frames(observation), shortest=_BREATH_FRAMES, bridge=2)


def laughter(observation: Observation, level: float) -> tuple[Span, ...]:
    """Bursts that follow each other like clockwork, 3.5 to 7 a second, and deep: "ha ha ha ha"."""
    heard = np.maximum(decibels(observation.mel[:, _LAUGH_BANDS].sum(axis=1)), level - _LAUGH_RANGE_DB)
    if len(heard) < _LAUGH_WINDOW:
        return ()
    kernel = np.hanning(7)[1:-1]
    smooth = np.convolve(heard, kernel / kernel.sum(), mode="same")
    windows = np.lib.stride_tricks.sliding_window_view(smooth, _LAUGH_WINDOW)[::_LAUGH_HOP]
    regular = _regularity(windows) > _LAUGH_REGULARITY
    inside = np.zeros(len(heard), bool)
    for start in np.flatnonzero(regular) * _LAUGH_HOP:
        inside[start : start + _LAUGH_WINDOW] = True
    return runs(inside)


def _regularity(windows_WF: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Height of the autocorrelation's peak among the lags of laughter, 0 where shallow or no peak: (W,)."""
    from scipy.fft import irfft, rfft

    centred = windows_WF - windows_WF.mean(axis=1, keepdims=True)
    power = np.abs(rfft(centred, 2 * _LAUGH_WINDOW, axis=1)) ** 2
    raw_WL = irfft(power, axis=1)[:, : _LAUGH_LAGS.stop + 1]
    shares = 1.0 - np.arange(_LAUGH_LAGS.stop + 1) / _LAUGH_WINDOW
    lags_WL = raw_WL / np.maximum(raw_WL[:, :1], 1e-9) / shares
    middle = lags_WL[:, _LAUGH_LAGS]
    left, right = lags_WL[:, 14:28], lags_WL[:, 16:30]
    peak = np.where((middle > left) & (middle >= right), middle, 0.0).max(axis=1)
    deep = centred.std(axis=1) > _LAUGH_DEPTH_DB
    return np.where(deep, peak, 0.0)
