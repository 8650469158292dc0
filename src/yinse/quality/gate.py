"""The verdict: numbers in, a report out. Pure, so that a threshold can be tried without a sound."""

from collections.abc import Sequence
from dataclasses import replace

from yinse.contracts.quality import Advice, Check, Grade, QualityReport, Segment, Span, Status
from yinse.quality.advice import ADVICE, TOO_FEW_SAMPLES
from yinse.quality.measures.reading import Reading
from yinse.quality.readings import Readings
from yinse.quality.rules import (
    GOOD_MINUTE_S,
    LEAST_SPEECH_S,
    RULES,
    SOME_SPEECH_S,
    WANTED_SPEECH_S,
    Bound,
    Rule,
)

BEST_SEGMENTS = 5
_WARNED_SHARE = 0.3
_GOOD_SCORE = 85.0
_OF_AMOUNT = ("longest_run", "segments", "speech_ratio")
"""What a few words cannot fulfil, however they are read: the amount itself has a check."""
_STUDIO = {"net_speech": 45.0, "snr": 35.0, "bandwidth": 12_000.0}
_STUDIO_REVERBERATION = 0.3


def judge(
    readings: Readings, segments: Sequence[Segment], seconds: float, *, further_speech_s: float = 0.0
) -> QualityReport:
    """Grade a recording of `seconds` from its readings and its usable segments, best first.

    `further_speech_s` of other recordings of the same voice count towards the amount of speech.
    """
    net_speech = readings["net_speech"].value or 0.0
    enough = net_speech + (further_speech_s if net_speech >= SOME_SPEECH_S else 0.0)
    known = {**readings, "net_speech": Reading(enough), "segments": Reading(float(len(segments)))}
    if net_speech < LEAST_SPEECH_S:
        known |= dict.fromkeys(_OF_AMOUNT, Reading(None))
    crossed = {rule.id: rule.crossed(known[rule.id].value) for rule in RULES}
    checks = tuple(_check(rule, known[rule.id], crossed[rule.id], known) for rule in RULES)
    score = max(0.0, 100.0 - sum(_points_lost(rule, known[rule.id].value) for rule in RULES))
    refused = any(bound is not None and bound.refuses for bound in crossed.values())
    return QualityReport(
        grade=_grade(score, checks, known, refused=refused),
        score=round(score, 1),
        can_clone=not refused,
        seconds=round(seconds, 2),
        net_speech_s=round(net_speech, 2),
        progress=round(min(1.0, net_speech / GOOD_MINUTE_S), 3),
        checks=checks,
        best_segments=tuple(segments[:BEST_SEGMENTS]),
    )


def with_too_few_samples(report: QualityReport) -> QualityReport:
    """The report on a file whose sample rate alone rules it out: its bandwidth fails, and the advice says why."""
    checks = tuple(
        replace(check, status=Status.FAIL, advice=TOO_FEW_SAMPLES) if check.id == "bandwidth" else check
        for check in report.checks
    )
    return replace(report, grade=Grade.BAD, can_clone=False, checks=checks)


def _check(rule: Rule, reading: Reading, bound: Bound | None, known: Readings) -> Check:
    value = None if reading.value is None else round(reading.value, rule.digits)
    if bound is None:
        return Check(rule.id, value, rule.unit, Status.PASS)
    advice = _filled(ADVICE[bound.advice], reading.spans, known["net_speech"].value or 0.0)
    return Check(rule.id, value, rule.unit, bound.status, reading.spans, advice)


def _filled(advice: Advice, spans: Sequence[Span], net_speech: float) -> Advice:
    missing = max(1, round(WANTED_SPEECH_S - net_speech))
    narrow, wide = (f" ({_place(spans[0])})", f"（{_place(spans[0])}）") if spans else ("", "")
    return Advice(
        zh=advice.zh.format(missing=missing, where=wide),
        en=advice.en.format(missing=missing, where=narrow),
        ja=advice.ja.format(missing=missing, where=wide),
    )


def _place(span: Span) -> str:
    """Minutes and seconds of a span, once where it lies within one second."""
    first, last = (f"{int(edge) // 60}:{int(edge) % 60:02d}" for edge in (span.start, span.end))
    return first if first == last else f"{first}-{last}"


def _points_lost(rule: Rule, value: float | None) -> float:
    """Three tenths of the rule's points at the first warning, all at the first failure, in between by distance."""
    bound = rule.crossed(value)
    if bound is None or value is None:
        return 0.0
    if bound.status is Status.FAIL:
        return rule.points
    edge, failing = _edge(bound), _failing_edge(rule, bound)
    if failing is None:
        return rule.points * _WARNED_SHARE
    depth = (value - edge) / (failing - edge)
    return rule.points * (_WARNED_SHARE + (1.0 - _WARNED_SHARE) * depth)


def _edge(bound: Bound) -> float:
    return bound.below if bound.below is not None else bound.above or 0.0


def _failing_edge(rule: Rule, warning: Bound) -> float | None:
    """The mildest failure on the same side as `warning`."""
    same_side = [
        _edge(bound)
        for bound in rule.bounds
        if bound.status is Status.FAIL and (bound.below is None) == (warning.below is None)
    ]
    return same_side[-1] if same_side else None


def _grade(score: float, checks: Sequence[Check], known: Readings, *, refused: bool) -> Grade:
    if refused:
        return Grade.BAD
    if any(check.status is Status.FAIL for check in checks):
        return Grade.POOR
    if all(check.status is Status.PASS for check in checks) and _is_studio(known):
        return Grade.STUDIO
    return Grade.GOOD if score >= _GOOD_SCORE else Grade.OK


def _is_studio(known: Readings) -> bool:
    enough = all((known[name].value or 0.0) >= least for name, least in _STUDIO.items())
    echo = known["reverberation"].value
    return enough and echo is not None and echo <= _STUDIO_REVERBERATION
