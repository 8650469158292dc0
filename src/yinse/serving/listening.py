"""The enrolment port over the engine in this process: verdicts, prompts, and consent by words and speaker."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from yinse.contracts.enrolment import (
    Accepted,
    ConsentCheck,
    ConsentMatch,
    EnrolmentRequest,
    Examination,
    Rejected,
    Report,
)
from yinse.contracts.errors import RecordingRejected
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import ObjectRef
from yinse.serving.material import one_chunk
from yinse.serving.replica import Replica
from yinse.serving.wording import errors_of

if TYPE_CHECKING:
    from yinse.contracts.quality import QualityReport
    from yinse.engine.audio.waveform import Waveform
    from yinse.engine.synthesis.synthesizer import Synthesizer

CONSENT_DISTANCE = 0.30
"""Most phonemes of the sentence that may be missed: the recogniser itself misses some."""
NONCE_DISTANCE = 0.25
"""Most phonemes of the random words that may be missed: one wrong digit of six is more."""
CONSENT_SIMILARITY = 0.45
"""Least cosine of speaker embeddings; to be set at a false acceptance of 0.1 % for the shipped encoder."""


class LocalEnrolment:
    """Listens with the replica's models."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    async def examine(self, request: EnrolmentRequest) -> Examination:
        """Judge recordings; write the sealed prompt of those that make a voice."""
        waveforms = await self._waveforms(request.voice, request.recordings)
        reports = await self._replica.listen(_examined, waveforms)
        report = _report(reports)
        if not report["can_clone"]:
            return Rejected(_reason(reports), report)
        synthesizer = await self._replica.base()
        try:
            prompt = await self._replica.listen(_prompt, synthesizer, waveforms, request.transcripts, reports)
        except RecordingRejected as error:
            return Rejected(error.message, report)
        replica, chain = self._replica, request.voice.keys
        size = await replica.keyring.put(replica.blobs, chain, request.prompt, one_chunk(prompt))
        return Accepted(request.prompt, size, report)

    async def verify_consent(self, check: ConsentCheck) -> ConsentMatch:
        """Compare the words with the sentence, the random ones also alone, the speaker with the samples."""
        (spoken,) = await self._waveforms(check.voice, (check.recording,))
        samples = await self._waveforms(check.voice, check.samples)
        synthesizer = await self._replica.base()
        return await self._replica.listen(_matched, synthesizer, spoken, samples, check)

    async def _waveforms(self, voice: SealedVoice, refs: Sequence[ObjectRef]) -> "list[Waveform]":
        from yinse.engine.audio.decode import decode

        found = []
        for ref in refs:
            plain = await self._replica.material.fetch(voice, ref)
            found.append(await self._replica.listen(decode, plain))
        return found


def _examined(waveforms: "list[Waveform]") -> "list[QualityReport]":
    from yinse.quality.examine import examine

    return [examine(waveform) for waveform in waveforms]


def _report(reports: "list[QualityReport]") -> Report:
    """The best recording's report, with every recording's own beside it."""
    best = max(reports, key=lambda report: report.score)
    own = [plain_json(report) for report in reports]
    net = round(sum(report.net_speech_s for report in reports if report.can_clone), 3)
    return {**plain_json(best), "net_speech_s": net, "recordings": own}


def plain_json(report: "QualityReport") -> Report:
    """A report as JSON has it: plain strings, numbers and lists."""
    found: Report = json.loads(json.dumps(report.as_dict()))
    return found


def _reason(reports: "list[QualityReport]") -> str:
    from yinse.serving.enrolment import refusal

    return refusal(reports)


def _prompt(
    synthesizer: "Synthesizer",
    waveforms: "list[Waveform]",
    transcripts: Sequence[str | None],
    reports: "list[QualityReport]",
) -> bytes:
    from yinse.serving.enrolment import enrol

    known = [*transcripts, *[None] * len(waveforms)][: len(waveforms)]
    symbols = [_symbols(synthesizer, text, "auto") if text else None for text in known]
    made = enrol(synthesizer.models, "voice", waveforms, symbols, "service", reports=reports)
    return made.voice.prompt.to_bytes()


def _symbols(synthesizer: "Synthesizer", text: str, language: str) -> list[str]:
    utterances = synthesizer.frontend.analyse(text, language)
    return [symbol for utterance in utterances for symbol in utterance.symbols]


def _matched(
    synthesizer: "Synthesizer", spoken: "Waveform", samples: "list[Waveform]", check: ConsentCheck
) -> ConsentMatch:
    from yinse.engine.text.inventory import is_spoken
    from yinse.engine.voice.listen import embed_speaker, hear, level

    models, base = synthesizer.models, check.language.split("-")[0].lower()
    heard = [symbol for symbol in hear(models, level(spoken)).phonemes() if is_spoken(symbol)]
    wanted = [symbol for symbol in _symbols(synthesizer, check.phrase, base) if is_spoken(symbol)]
    nonce = (
        [symbol for symbol in _symbols(synthesizer, check.nonce, base) if is_spoken(symbol)]
        if check.nonce
        else []
    )
    errors = errors_of(heard, wanted, nonce)
    one, other = (
        embed_speaker(models, [level(spoken)]),
        embed_speaker(models, [level(wave) for wave in samples]),
    )
    similarity = float(one @ other)
    reasons = []
    if errors.whole > CONSENT_DISTANCE:
        reasons.append("The sentence that was read is not the one that was asked for.")
    if errors.part > NONCE_DISTANCE:
        reasons.append("The random words were not read as they were given.")
    if similarity < CONSENT_SIMILARITY:
        reasons.append("The consent and the recordings are not in the same voice.")
    return ConsentMatch(not reasons, round(errors.whole, 4), round(similarity, 4), tuple(reasons))
