"""Recordings to a voice: examine, refuse or prepare, and build the prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from yinse.contracts.errors import RecordingRejected
from yinse.contracts.quality import QualityReport
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.synthesis.pace import at_own_pace
from yinse.engine.voice.enrol import Slice, build_prompt
from yinse.engine.voice.home import Voice, VoiceCard
from yinse.engine.voice.prepare import Line, Prepared, Recording, prepare
from yinse.quality.examine import examine_together
from yinse.quality.measures.bandwidth import voice_band_hz

FULL_BAND: Final = 22050.0
"""Bandwidth in Hz that is assumed where it could not be measured."""
CLEAN: Final = 30.0
"""The same for the SNR in dB: what nobody could measure is left as it is."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new voice, the report of each recording, and what preparation did."""

    voice: Voice
    reports: tuple[QualityReport, ...]
    prepared: tuple[Prepared, ...]


def enrol(
    models: BaseModels,
    name: str,
    recordings: Sequence[Waveform],
    words: Sequence[Sequence[Line]],
    source: str,
    *,
    reports: Sequence[QualityReport] | None = None,
) -> Enrolment:
    """Make a voice, or raise `RecordingRejected` with the advice of every failed check.

    `words` is what is known of the words of each recording; those that do not fit are as good as unknown.
    `reports` of recordings that were examined before spare examining them again.
    """
    reports = tuple(reports or examine_together(recordings))
    prepared, bandwidth = _prepared(models, recordings, words, reports)
    prompt = build_prompt(models, [one for part in prepared for one in part.slices], bandwidth=bandwidth)
    prompt = at_own_pace(models.semantic, prompt)
    best = best_of(reports)
    languages = tuple(dict.fromkeys(utterance.language for utterance in prompt.utterances))
    card = VoiceCard(
        name, datetime.now(UTC).isoformat(timespec="seconds"), sum(report.net_speech_s for report in reports),
        best.grade.value, languages, source,
    )  # fmt: skip
    return Enrolment(Voice(card, prompt), reports, prepared)


def prepare_all(
    models: BaseModels, recordings: Sequence[Waveform], words: Sequence[Sequence[Line]] = ()
) -> tuple[list[Slice], float]:
    """Slices of recordings that have been enrolled before, and the bandwidth in Hz that all of them share."""
    reports = examine_together(recordings)
    prepared, bandwidth = _prepared(models, recordings, words or [()] * len(recordings), reports)
    return [one for part in prepared for one in part.slices], bandwidth


def _prepared(
    models: BaseModels,
    recordings: Sequence[Waveform],
    words: Sequence[Sequence[Line]],
    reports: Sequence[QualityReport],
) -> tuple[tuple[Prepared, ...], float]:
    """Prepare every recording that passed; `RecordingRejected` if none did."""
    if not any(report.can_clone for report in reports):
        raise RecordingRejected(refusal(reports))
    usable = [row for row in zip(recordings, words, reports, strict=True) if row[2].can_clone]
    prepared = tuple(prepare(models, _measured(*row), voice_band=voice_band_hz) for row in usable)
    return prepared, min(value_of(report, "bandwidth", FULL_BAND) for _, _, report in usable)


def _measured(waveform: Waveform, lines: Sequence[Line], report: QualityReport) -> Recording:
    return Recording(waveform, lines, value_of(report, "snr", CLEAN))


def value_of(report: QualityReport, check: str, otherwise: float) -> float:
    """A measured value of a report; `otherwise` where it could not be measured."""
    value = next((one.value for one in report.checks if one.id == check), None)
    return otherwise if value is None else value


def best_of(reports: Sequence[QualityReport]) -> QualityReport:
    """The report of the best recording that can be cloned; of the best of all where none can."""
    return max(reports, key=lambda report: (report.can_clone, report.score))


def refusal(reports: Sequence[QualityReport], language: str = "en") -> str:
    """The reasons a recording cannot become a voice, as advice in one language."""
    advice = [
        getattr(check.advice, language)
        for report in reports
        for check in report.checks
        if check.advice is not None and check.status == "fail"
    ]
    return (
        " ".join(dict.fromkeys(advice))
        or "The recording cannot make a voice; record about a minute of clear speech."
    )
