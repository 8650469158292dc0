"""The best stretches of a recording: 3 to 10 s of continuous, undisturbed speech, fit to be a reference."""

from collections.abc import Sequence

import numpy as np

from yinse.contracts.quality import Segment, Span
from yinse.engine.audio.slicing import SlicePolicy, plan_pieces
from yinse.quality.measures.decibels import decibels
from yinse.quality.measures.noise import noise_floor_dbfs
from yinse.quality.observe.frames import FRAMES_PER_SECOND
from yinse.quality.observe.observer import Observation
from yinse.quality.readings import Readings
from yinse.quality.rules import RULE_OF

REFERENCE_POLICY = SlicePolicy(shortest=3.0, longest=10.0, natural_pause=1.0)
FLAWS = ("clipping", "disturbances", "music", "other_speaker", "dropouts", "outbursts")
"""Checks whose spans a reference must not touch where the check warns, and had better not where it does not."""

_IDEAL_SECONDS = 6.5
_PER_SECOND_OFF = 3.0
_PER_DB_OFF = 2.0
_GOOD_SNR = 35.0
_PER_DB_NOISE = 1.5
_FLAWED = 15.0


def usable_segments(observation: Observation, readings: Readings) -> tuple[Segment, ...]:
    """All stretches without a flaw, best first: clean ones of middling length and of the usual level."""
    levels = decibels(observation.energy).astype(np.float32)
    pieces = plan_pieces(observation.spans, levels, observation.seconds, REFERENCE_POLICY)
    long_enough = [piece for piece in pieces if piece.seconds >= REFERENCE_POLICY.shortest]
    serious, slight = _flaws(readings)
    spans = [piece for piece in long_enough if not _touches(piece, serious)]
    loud = [_level(observation, span) for span in spans]
    usual, floor = (float(np.median(loud)) if loud else 0.0), noise_floor_dbfs(observation)
    scored = []
    for span, level in zip(spans, loud, strict=True):
        snr = level - floor if floor is not None else _GOOD_SNR
        score = _score(span, level - usual, snr) - _FLAWED * _touches(span, slight)
        scored.append(Segment(_rounded(span), round(max(0.0, score), 1)))
    return tuple(sorted(scored, key=lambda segment: -segment.score))


def _flaws(readings: Readings) -> tuple[list[Span], list[Span]]:
    """Spans of the checks that warn, and of those that found something yet pass."""
    serious: list[Span] = []
    slight: list[Span] = []
    for name in FLAWS:
        reading = readings[name]
        (serious if RULE_OF[name].crossed(reading.value) else slight).extend(reading.spans)
    return serious, slight


def _rounded(span: Span) -> Span:
    return Span(round(span.start, 3), round(span.end, 3))


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _level(observation: Observation, span: Span) -> float:
    first, last = (round(edge * FRAMES_PER_SECOND) for edge in (span.start, span.end))
    return float(decibels(observation.energy[first:last].mean())) if last > first else -200.0


def _score(span: Span, off_level: float, snr: float) -> float:
    lost = _PER_SECOND_OFF * abs(span.seconds - _IDEAL_SECONDS) + _PER_DB_OFF * abs(off_level)
    lost += _PER_DB_NOISE * max(0.0, _GOOD_SNR - snr)
    return 100.0 - lost
