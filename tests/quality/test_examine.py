"""The whole check, on every bad recording a user may bring and on good ones, whole and live."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from yinse.contracts.errors import InvalidInput
from yinse.contracts.quality import Check, Grade, QualityReport, Status
from yinse.engine.audio.decode import EXAMINE, decode
from yinse.engine.audio.encode import encode
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform
from yinse.quality.examine import LiveExaminer, examine, examine_together
from yinse.quality.observe.voices import SpeakerRuler

Voice = Callable[[str, str, float], Waveform]
NoiseFile = Callable[[str], Waveform]
RATE = 48_000
READER = ("philipp_matthes", "philipp_matthes")


def _check(report: QualityReport, name: str) -> Check:
    return next(check for check in report.checks if check.id == name)


def _failed(report: QualityReport) -> set[str]:
    return {check.id for check in report.checks if check.status is Status.FAIL}


def _wave(samples: np.ndarray, rate: int = RATE) -> Waveform:
    return Waveform(samples.astype(np.float32), rate)


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.5, 3.0])
def test_silence_is_refused_with_advice(seconds: float) -> None:
    report = examine(_wave(np.zeros(round(seconds * RATE))))
    assert (report.grade, report.can_clone, report.net_speech_s) == (Grade.BAD, False, 0.0)
    advice = _check(report, "net_speech").advice
    assert advice is not None
    assert "No speech was heard" in advice.en


def test_noise_alone_is_refused(rng: np.random.Generator) -> None:
    report = examine(_wave(0.1 * rng.standard_normal(4 * RATE)))
    assert not report.can_clone
    assert report.net_speech_s == 0.0


@pytest.mark.speech
def test_a_good_recording_is_good(voice: Voice) -> None:
    report = examine(voice(*READER, 40.0))
    assert report.can_clone
    assert report.grade is Grade.GOOD
    assert report.score >= 85
    assert report.net_speech_s == pytest.approx(37.7, abs=1.5)
    assert len(report.best_segments) >= 3


@pytest.mark.speech
def test_too_short_says_how_much_is_missing(voice: Voice) -> None:
    report = examine(voice(*READER, 6.0))
    assert not report.can_clone
    advice = _check(report, "net_speech").advice
    assert advice is not None
    assert "24 s" in advice.en or "25 s" in advice.en


@pytest.mark.speech
def test_short_recordings_of_one_voice_count_together(voice: Voice) -> None:
    said = voice(*READER, 40.0)
    parts = [said.slice_seconds(start, start + 8.0) for start in (0.0, 8.0, 16.0, 24.0, 32.0)]
    assert not any(examine(part).can_clone for part in parts[:2])
    reports = examine_together(parts)
    assert all(report.can_clone for report in reports)
    assert sum(report.net_speech_s for report in reports) == pytest.approx(37.6, abs=1.5)


@pytest.mark.speech
def test_clipped_is_refused(voice: Voice) -> None:
    report = examine(_wave(np.clip(30 * voice(*READER, 16.0).samples, -1, 1)))
    assert "clipping" in _failed(report)
    assert not report.can_clone


@pytest.mark.speech
def test_drowned_in_noise_is_refused(voice: Voice, rng: np.random.Generator) -> None:
    said = voice(*READER, 16.0).samples
    report = examine(_wave(said + np.std(said) * rng.standard_normal(len(said))))
    assert "snr" in _failed(report)
    assert not report.can_clone


@pytest.mark.speech
def test_a_telephone_is_heard(voice: Voice) -> None:
    narrow = resample(voice(*READER, 16.0), 8_000)
    for version in (narrow, resample(narrow, RATE), decode(encode(narrow, "wav"), limits=EXAMINE)):
        report = examine(version)
        assert "bandwidth" in _failed(report)
        assert report.grade in (Grade.POOR, Grade.BAD)


@pytest.mark.speech
@pytest.mark.parametrize("name", ["016.opus", "018.opus", "020.opus"])
def test_music_alone_is_refused(name: str, noise_file: NoiseFile) -> None:
    report = examine(noise_file(name).slice_seconds(0.0, 20.0))
    assert not report.can_clone
    assert "music" in _failed(report)


@pytest.mark.speech
def test_two_speakers_are_refused_and_placed(voice: Voice, resemblyzer: SpeakerRuler) -> None:
    first = voice("librispeech_train_clean", "libri_26", 14.0).samples
    second = voice("librispeech_train_clean", "libri_19", 6.0).samples
    report = examine(_wave(np.concatenate([first, second])), resemblyzer)
    check = _check(report, "other_speaker")
    assert check.status is Status.FAIL
    assert check.spans[0].start == pytest.approx(14.0, abs=1.0)
    assert not report.can_clone
    assert all(segment.span.end <= 14.7 for segment in report.best_segments)


@pytest.mark.speech
@pytest.mark.parametrize("chunk", [4_411, 24_000])
def test_live_equals_whole(chunk: int, voice: Voice) -> None:
    said = voice(*READER, 16.0)
    live = LiveExaminer(said.rate)
    for start in range(0, len(said.samples), chunk):
        live.push(said.samples[start : start + chunk])
    one, other = live.finish(), examine(said)
    assert one.grade == other.grade
    assert one.score == pytest.approx(other.score, abs=0.5)
    assert one.net_speech_s == pytest.approx(other.net_speech_s, abs=0.02)
    for ours, theirs in zip(one.checks, other.checks, strict=True):
        assert ours.status is theirs.status, ours.id
        if ours.value is None or theirs.value is None:
            assert ours.value is theirs.value, ours.id
        else:
            assert ours.value == pytest.approx(theirs.value, rel=0.02, abs=0.02), ours.id


@pytest.mark.speech
def test_live_equals_whole_when_embeddings_come_later(voice: Voice, resemblyzer: SpeakerRuler) -> None:
    first = voice("librispeech_train_clean", "libri_26", 14.0).samples
    second = voice("librispeech_train_clean", "libri_19", 6.0).samples
    said = _wave(np.concatenate([first, second]))
    live = LiveExaminer(said.rate, resemblyzer.different_below)
    waiting = []
    for start in range(0, len(said.samples), RATE // 2):
        live.push(said.samples[start : start + RATE // 2])
        waiting += live.stretches()
    assert _check(live.report(), "other_speaker").value is None
    for stretch in waiting[:13]:
        live.tell(stretch.span, resemblyzer.embed(stretch.speech))
    assert _check(live.report(), "other_speaker").value == 0.0
    for stretch in waiting[13:]:
        live.tell(stretch.span, resemblyzer.embed(stretch.speech))
    whole = _check(examine(said, resemblyzer), "other_speaker")
    assert _check(live.finish(), "other_speaker") == whole
    assert whole.status is Status.FAIL


@pytest.mark.speech
def test_the_meter_fills_while_speaking(voice: Voice) -> None:
    said, live = voice(*READER, 16.0), LiveExaminer(RATE)
    progress, scores = [live.report().progress], []
    for start in range(0, len(said.samples), 2 * RATE):
        live.push(said.samples[start : start + 2 * RATE])
        report = live.report()
        progress.append(report.progress)
        scores.append(report.score)
    assert progress == sorted(progress)
    assert progress[0] == 0.0
    assert progress[-1] == pytest.approx(15.8 / 60, abs=0.02)
    assert scores[-1] > scores[0]


@pytest.mark.speech
def test_a_report_does_not_disturb_what_follows(voice: Voice) -> None:
    said = voice(*READER, 6.0)
    asked, unasked = LiveExaminer(RATE), LiveExaminer(RATE)
    for start in range(0, len(said.samples), RATE // 2):
        asked.push(said.samples[start : start + RATE // 2])
        unasked.push(said.samples[start : start + RATE // 2])
        asked.report()
    assert asked.finish() == unasked.finish()


def test_a_recording_without_end_is_stopped() -> None:
    live = LiveExaminer(16_000, longest_seconds=1.0)
    live.push(np.zeros(16_000, np.float32))
    with pytest.raises(InvalidInput) as caught:
        live.push(np.zeros(1, np.float32))
    assert caught.value.code == "audio_too_long"
    assert live.seconds == 1.0


def test_the_package_needs_no_torch() -> None:
    sources = Path(__file__).parents[2].glob("src/yinse/quality/**/*.py")
    assert not [path.name for path in sources if "import torch" in path.read_text("utf-8")]
