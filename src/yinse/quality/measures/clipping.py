"""Clipping: waves cut off at a ceiling, be it full scale, a lower one, or a soft one."""

import numpy as np

from yinse.contracts.quality import Span
from yinse.quality.measures.decibels import decibels
from yinse.quality.measures.reading import Reading
from yinse.quality.measures.runs import runs
from yinse.quality.observe.frames import FRAMES_PER_SECOND
from yinse.quality.observe.observer import Observation
from yinse.quality.observe.samples import HISTOGRAM_STEP_DB

_CROWD_DB = 0.5
_NATURAL_CROWD = 0.0005
_CROWD_PER_CLIPPED = 1.7
_LEAST_SAMPLES = 50
_CEILING_DB = 0.25
_SATURATED_DB = 2.0
_BRIDGE = 20
_LEAST_FRAMES = 200


def clipping(observation: Observation) -> Reading:
    """Clipped samples at full scale, or crowded under a lower or softer ceiling, whichever are more.

    At full scale: runs of three and more samples from 0.985 on. Elsewhere: speech seldom comes within 0.5 dB
    of its highest sample (at most 0.014 % in 32 voices); clipping at a share p, hard or soft, crowds 1.7 p +
    0.05 % there.
    """
    count = len(observation.peak) * observation.rate / FRAMES_PER_SECOND
    if not count:
        return Reading(0.0)
    hard = float(observation.clipped.sum()) / count
    crowded = max(0.0, _crowd(observation) - _NATURAL_CROWD) / _CROWD_PER_CLIPPED
    share = max(hard, crowded)
    return Reading(100.0 * share, _clipped_spans(observation, at_full_scale=hard >= crowded) if share else ())


def saturation_percent(observation: Observation) -> float | None:
    """Share of speech frames whose peak lies within 2 dB of the 99th percentile; None under two seconds.

    What is left of clipping after a lossy codec, and what a limiter or an automatic gain leaves: peaks all
    alike. Natural speech has 5 % there (median of 32 voices, 13 % the ninetieth percentile), clipped at 1 %
    above 18 %.
    """
    peaks = observation.peak[observation.speech]
    if len(peaks) < _LEAST_FRAMES:
        return None
    level = 2.0 * decibels(peaks)
    return 100.0 * float(np.mean(level > np.percentile(level, 99) - _SATURATED_DB))


def _crowd(observation: Observation) -> float:
    """Share of all samples within 0.5 dB of the highest."""
    histogram = observation.histogram
    filled = np.flatnonzero(histogram)
    if not len(filled):
        return 0.0
    near = int(histogram[max(0, filled[-1] + 1 - round(_CROWD_DB / HISTOGRAM_STEP_DB)) :].sum())
    total = len(observation.peak) * observation.rate / FRAMES_PER_SECOND
    return near / total if near >= _LEAST_SAMPLES else 0.0


def _clipped_spans(observation: Observation, *, at_full_scale: bool) -> tuple[Span, ...]:
    ceiling = float(observation.peak.max()) * 10.0 ** (-_CEILING_DB / 20.0)
    hot = observation.clipped > 0 if at_full_scale else observation.peak >= ceiling
    return runs(hot, bridge=_BRIDGE)
