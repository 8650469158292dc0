import json
from collections.abc import Mapping
from dataclasses import replace
from string import Formatter

import pytest

from yinse.contracts.quality import Check, Grade, QualityReport, Segment, Span, Status
from yinse.quality.advice import ADVICE
from yinse.quality.gate import judge
from yinse.quality.labels import GRADES, LABELS
from yinse.quality.measures.reading import Reading
from yinse.quality.rules import RULE_OF, RULES

PERFECT: Mapping[str, Reading] = {
    "net_speech": Reading(70.0),
    "longest_run": Reading(30.0),
    "level": Reading(-20.0),
    "peak": Reading(-3.0),
    "clipping": Reading(0.0),
    "saturation": Reading(4.0),
    "snr": Reading(45.0),
    "disturbances": Reading(0.0),
    "hum": Reading(-90.0),
    "bandwidth": Reading(20_000.0),
    "reverberation": Reading(0.2),
    "music": Reading(0.0),
    "other_speaker": Reading(0.0),
    "speaking_rate": Reading(4.0),
    "speech_ratio": Reading(0.9),
    "pitch_spread": Reading(3.0),
    "dropouts": Reading(0.0),
    "codec": Reading(0.0),
    "gating": Reading(2.0),
    "outbursts": Reading(0.0),
}
SEGMENTS = tuple(Segment(Span(10.0 * n, 10.0 * n + 6), 90.0 - n) for n in range(7))


def _judged(segments: int = 7, further: float = 0.0, **changed: float | None) -> QualityReport:
    readings = {**PERFECT, **{name: Reading(value) for name, value in changed.items()}}
    return judge(readings, SEGMENTS[:segments], 80.0, further_speech_s=further)


def _check(report: QualityReport, name: str) -> Check:
    return next(check for check in report.checks if check.id == name)


def test_a_perfect_recording_is_studio() -> None:
    report = _judged()
    assert (report.grade, report.score, report.can_clone, report.progress) == (Grade.STUDIO, 100.0, True, 1.0)
    assert all(check.status is Status.PASS and check.advice is None for check in report.checks)
    assert report.best_segments == SEGMENTS[:5]


def test_every_check_has_a_rule_a_name_and_advice_in_three_languages() -> None:
    assert {rule.id for rule in RULES} == set(PERFECT) | {"segments"} == set(LABELS) == set(RULE_OF)
    for names in (*LABELS.values(), *GRADES.values()):
        assert set(names) == {"zh", "en", "ja"}
        assert all(names.values())
    assert set(GRADES) == {grade.value for grade in Grade}
    used = {bound.advice for rule in RULES for bound in rule.bounds}
    assert used == set(ADVICE)
    for advice in ADVICE.values():
        texts = (advice.zh, advice.en, advice.ja)
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts]
        assert fields[0] == fields[1] == fields[2] <= {"missing", "where"}
        assert advice.zh.endswith("。")
        assert advice.en.endswith(".")
        assert advice.ja.endswith("。")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_bounds_go_from_worst_to_mildest(rule: "type[RULES]") -> None:  # type: ignore[valid-type]
    for below in (True, False):
        edges = [b.below if below else b.above for b in rule.bounds if (b.below is not None) == below]
        assert edges == sorted(edges, reverse=not below)
        harsh = [b.refuses for b in rule.bounds if (b.below is not None) == below]
        assert harsh == sorted(harsh, reverse=True)


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("net_speech", 29.0, Status.WARN),
        ("net_speech", 9.0, Status.FAIL),
        ("clipping", 0.2, Status.WARN),
        ("clipping", 1.5, Status.FAIL),
        ("level", -36.0, Status.WARN),
        ("level", -11.0, Status.WARN),
        ("level", -55.0, Status.FAIL),
        ("snr", 24.0, Status.WARN),
        ("snr", 14.0, Status.FAIL),
        ("bandwidth", 7000.0, Status.WARN),
        ("bandwidth", 4000.0, Status.FAIL),
        ("reverberation", 0.7, Status.WARN),
        ("reverberation", 1.0, Status.FAIL),
        ("speaking_rate", 1.0, Status.WARN),
        ("speaking_rate", 8.0, Status.WARN),
        ("other_speaker", 20.0, Status.FAIL),
    ],
)
def test_thresholds(name: str, value: float, status: Status) -> None:
    report = _judged(**{name: value})
    check = _check(report, name)
    assert check.status is status
    assert check.advice is not None
    assert report.score < 100
    assert report.grade is not Grade.STUDIO


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("net_speech", 9.0),
        ("net_speech", 0.0),
        ("clipping", 5.0),
        ("snr", 3.0),
        ("music", 80.0),
        ("other_speaker", 20.0),
    ],
)
def test_what_rules_a_voice_out(name: str, value: float) -> None:
    report = _judged(**{name: value})
    assert (report.can_clone, report.grade) == (False, Grade.BAD)


def test_a_failure_that_can_still_be_cloned_is_poor() -> None:
    report = _judged(snr=12.0)
    assert (report.can_clone, report.grade) == (True, Grade.POOR)


def test_one_slight_warning_is_still_good_and_many_are_ok() -> None:
    assert _judged(snr=24.5).grade is Grade.GOOD
    assert _judged(snr=16.0, reverberation=0.85, hum=-22.0).grade is Grade.OK


def test_good_but_not_studio_needs_no_warning() -> None:
    report = _judged(bandwidth=8000.0)
    assert (report.grade, report.score) == (Grade.GOOD, 100.0)


@pytest.mark.parametrize("name", ["snr", "reverberation", "clipping", "music", "bandwidth"])
def test_worse_never_scores_better(name: str) -> None:
    worse_is_higher = name in ("reverberation", "clipping", "music")
    values = sorted([0.05 * step * _scale(name) for step in range(40)], reverse=not worse_is_higher)
    scores = [_judged(**{name: value}).score for value in values]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 100 > scores[-1]


@pytest.mark.parametrize(
    ("name", "value", "lost"),
    [
        ("snr", 24.999, 0.3 * 30),
        ("snr", 20.0, 0.65 * 30),
        ("snr", 15.001, 30),
        ("snr", 14.0, 30),
        ("level", -11.999, 0.3 * 10),
        ("level", -11.0, 0.3 * 10),
        ("level", -42.5, 0.65 * 10),
    ],
)
def test_points_are_lost_from_the_first_warning_to_the_mildest_failure(
    name: str, value: float, lost: float
) -> None:
    assert _judged(**{name: value}).score == pytest.approx(100 - lost, abs=0.06)


def _scale(name: str) -> float:
    return {"snr": 40.0, "reverberation": 1.5, "clipping": 5.0, "music": 90.0, "bandwidth": 20_000.0}[name]


def test_what_was_not_measured_does_not_count() -> None:
    report = _judged(other_speaker=None, reverberation=None)
    assert _check(report, "other_speaker").value is None
    assert _check(report, "other_speaker").status is Status.PASS
    assert (report.score, report.grade) == (100.0, Grade.GOOD)


def test_advice_says_how_much_and_where() -> None:
    readings = {**PERFECT, "net_speech": Reading(8.0), "music": Reading(50.0, (Span(63.2, 71.0),))}
    report = judge(readings, (), 80.0)
    missing, music = _check(report, "net_speech").advice, _check(report, "music").advice
    assert missing is not None
    assert "22" in missing.zh
    assert "22" in missing.en
    assert music is not None
    assert "（1:03-1:11）" in music.ja
    assert " (1:03-1:11):" in music.en
    assert _check(report, "music").spans == (Span(63.2, 71.0),)


def test_other_recordings_of_the_voice_count_for_the_amount_only() -> None:
    report = _judged(net_speech=8.0, further=40.0)
    assert report.can_clone
    assert report.net_speech_s == 8.0
    assert not _judged(net_speech=0.2, further=60.0).can_clone


@pytest.mark.parametrize("heard", [0.0, 5.0, 9.9])
def test_a_few_words_are_asked_for_more_and_for_nothing_that_follows_from_it(heard: float) -> None:
    report = _judged(segments=0, net_speech=heard, longest_run=min(heard, 3.0), speech_ratio=0.1)
    assert [check.id for check in report.checks if check.advice is not None] == ["net_speech"]
    enough = _judged(segments=0, net_speech=10.0, longest_run=3.0, speech_ratio=0.1)
    told = [check.id for check in enough.checks if check.advice is not None]
    assert told == ["net_speech", "longest_run", "segments", "speech_ratio"]


def test_the_json_is_a_contract() -> None:
    report = replace(_judged(snr=24.0), best_segments=SEGMENTS[:1])
    shape = json.loads(json.dumps(report.as_dict(), ensure_ascii=False))
    assert list(shape) == [
        "grade", "score", "can_clone", "seconds", "net_speech_s", "progress", "checks", "best_segments",
    ]  # fmt: skip
    assert list(shape["checks"][0]) == ["id", "value", "unit", "status", "spans", "advice"]
    warned = next(check for check in shape["checks"] if check["id"] == "snr")
    assert (warned["value"], warned["unit"], warned["status"]) == (24.0, "dB", "warn")
    assert set(warned["advice"]) == {"zh", "en", "ja"}
    assert shape["best_segments"] == [{"span": {"start": 0.0, "end": 6.0}, "score": 90.0}]
