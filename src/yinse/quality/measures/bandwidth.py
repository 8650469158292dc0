"""Bandwidth: how high the voice reaches; a telephone ends at 3.4 kHz, a Bluetooth headset at 7."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.engine.audio.waveform import Waveform
from yinse.quality.measures.decibels import decibels
from yinse.quality.observe.frames import Array
from yinse.quality.observe.observer import Observation, frames_within
from yinse.quality.observe.spectrum import LINEAR_STEP, SpectrumMeter

_LOUD_PERCENTILE = 97.0
_QUIET_PERCENTILE = 10.0
_RANGE_DB = 60.0
_ABOVE_FLOOR_DB = 15.0
_NEIGHBOURS = 3
_MOST_FRAMES = 4000
_LEAST_SPEECH_FRAMES = 100


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Where the voice ends, and where the recording itself ends: in Hz.

    They differ where noise hides the top of the voice: then it is the noise that is at fault, not the
    channel.
    """

    voice_hz: float
    channel_hz: float


def bandwidth(observation: Observation) -> Bandwidth | None:
    """Highest of three adjoining bands of 250 Hz the loudest speech reaches; None under a second of speech.

    A band counts if its 97th percentile over speech lies within 60 dB of the strongest band, and, for the
    voice, 15 dB above the tenth percentile of all frames (the noise).
    """
    return _bandwidth(observation.linear, observation.speech)


def voice_band_hz(waveform: Waveform, spans: Sequence[Span]) -> float:
    """How high the voice in these spans reaches, in Hz; 0 where there is less than a second of speech."""
    meter = SpectrumMeter(waveform.rate)
    for start in range(0, len(waveform.samples), waveform.rate):
        meter.push(waveform.samples[start : start + waveform.rate])
    meter.finish()
    band = _bandwidth(meter.linear, frames_within(spans, len(meter.linear)))
    return 0.0 if band is None else band.voice_hz


def _bandwidth(linear_FL: Array, speech_F: npt.NDArray[np.bool_]) -> Bandwidth | None:
    if speech_F.sum() < _LEAST_SPEECH_FRAMES:
        return None
    loud = decibels(np.percentile(_thinned(linear_FL[speech_F]), _LOUD_PERCENTILE, axis=0))
    quiet = decibels(np.percentile(_thinned(linear_FL), _QUIET_PERCENTILE, axis=0))
    reached = loud > loud.max() - _RANGE_DB
    return Bandwidth(_top_hz(reached & (loud > quiet + _ABOVE_FLOOR_DB)), _top_hz(reached))


def _thinned(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """At most 4000 evenly spaced rows: percentiles of a long recording need no more."""
    return rows[:: -(-len(rows) // _MOST_FRAMES)]


def _top_hz(reached: npt.NDArray[np.bool_]) -> float:
    together = np.lib.stride_tricks.sliding_window_view(reached, _NEIGHBOURS).all(axis=1)
    found = np.flatnonzero(together)
    return float(found[-1] + _NEIGHBOURS) * LINEAR_STEP if len(found) else 0.0
