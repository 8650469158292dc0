"""Enrolment, adaptation and purging, as jobs."""

import hashlib
from contextlib import aclosing
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.enrolment import (
    Accepted,
    Adapted,
    AdaptRequest,
    EnrolmentRequest,
    Examination,
    Progress,
    Rejected,
    Report,
)
from yinse.contracts.errors import SynthesisFailed
from yinse.contracts.refusals import Conflict
from yinse.contracts.speech import Failed, SealedVoice
from yinse.contracts.storage import ObjectRef
from yinse.service.audit.service import record
from yinse.service.consents import binding, coverage
from yinse.service.jobs.tables import JobRow
from yinse.service.jobs.worker import LeaseLost, Outcome, Task
from yinse.service.objects.tables import ObjectRow
from yinse.service.voices import renewal, repository, told
from yinse.service.voices.creation import ADAPTER, PROMPT, RECORDING, add_version
from yinse.service.voices.sealed import seal
from yinse.service.voices.tables import VersionRow, VoiceRow, VoiceState

_ANOTHER = "Some recordings are not of the speaker who consented; remove them, or withdraw the consent first."


async def enrol(task: Task) -> Outcome:
    """Examine the recordings; the voice becomes ready, or rejected with advice. One that speaks gets a candidate."""
    voice, recordings = await _material(task)
    chain = await task.ports.keys.voice(voice.account_id, voice.id)
    prompt = ObjectRef(voice.account_id, voice.id, f"obj_{task.job.id}_prompt", PROMPT)
    request = EnrolmentRequest(
        SealedVoice(voice.id, voice.epoch, chain, {}),
        tuple(row.ref for row in recordings),
        prompt,
        tuple(told.words_of(task.ports, chain, row) for row in recordings),
    )
    found = await task.ports.enrolment.examine(request)
    await task.progress(0.9)
    if consent_id := task.job.payload.get("consent_id"):
        found = await binding.confirm(task.ports, request, consent_id, found, task.job.id)
    elif isinstance(found, Accepted) and await _of_another(task, request.voice, recordings):
        found = Rejected(_ANOTHER, found.report)
    made_of = [row.id for row in recordings]

    async def apply(session: AsyncSession) -> None:
        row = await session.get_one(VoiceRow, voice.id, with_for_update=True)
        former, renewed = row.version_id, bool(task.job.payload.get(renewal.RENEW))
        await _enrolled(session, row, found, made_of, task.ports.clock(), renewed=renewed)
        if renewed and row.version_id != former:
            await renewal.adapt_again(session, task.ports, row, former)

    accepted = isinstance(found, Accepted)
    return Outcome({"voice_id": voice.id, "accepted": accepted, "grade": found.report.get("grade")}, apply)


async def _of_another(task: Task, voice: SealedVoice, recordings: list[ObjectRow]) -> bool:
    """Whether the consent that stands is not of whoever speaks in these recordings."""
    match = await coverage.compare(task.ports, voice, recordings)
    return match is not None and not match.accepted


async def _enrolled(
    session: AsyncSession,
    voice: VoiceRow,
    found: Examination,
    made_of: list[str],
    now: datetime,
    *,
    renewed: bool,
) -> None:
    voice.report, voice.grade = _identified(found.report, made_of), found.report.get("grade")
    if not isinstance(found, Accepted):
        if voice.version_id is None:
            voice.state = VoiceState.REJECTED.value
        voice.reason = found.reason
        return
    session.add(sealed_row(found.prompt, found.size, now))
    prompt_id = found.prompt.object_id
    version = await add_version(
        session, voice, now, origin="enrolment", prompt_id=prompt_id, recordings=made_of
    )
    await coverage.extend(session, voice.id, made_of, now)
    revoked = voice.state == VoiceState.REVOKED.value
    if not revoked:
        voice.reason = None
    if voice.version_id is not None and not renewed:
        return  # it speaks already: what is new is compared before it replaces that
    await repository.activate(session, voice, version)
    if not revoked:
        voice.state = VoiceState.READY.value


def _identified(report: Report, made_of: list[str]) -> dict[str, Any]:
    """A report in which every recording's own says which one it is of."""
    own = report.get("recordings", ())
    return {
        **report,
        "recordings": [{**one, "recording": known} for one, known in zip(own, made_of, strict=False)],
    }


async def enrolment_failed(session: AsyncSession, job: JobRow) -> None:
    """A voice whose enrolment ended badly is rejected, with the reason."""
    voice = await session.get(VoiceRow, job.voice_id)
    if voice is not None and voice.state == VoiceState.PENDING.value:
        voice.state = VoiceState.REJECTED.value
        voice.reason = job.error_message or "The enrolment was cancelled."


async def adapt(task: Task) -> Outcome:
    """Fine-tune on the recordings; the result is a candidate, compared before it replaces anything."""
    voice, recordings = await _material(task)
    async with task.ports.database.transaction(write=False) as session:
        active = await session.get_one(VersionRow, voice.version_id)
        sealed = await seal(session, task.ports.keys, voice, active)
    if await _of_another(task, sealed, recordings):
        raise Conflict(_ANOTHER, code="another_speaker")
    made_of = [row.id for row in recordings]
    adapter = ObjectRef(voice.account_id, voice.id, f"obj_{task.job.id}_adapter", ADAPTER)
    request = AdaptRequest(
        sealed,
        tuple(row.ref for row in recordings),
        adapter,
        task.job.payload["steps"],
        tuple(told.words_of(task.ports, sealed.keys, row) for row in recordings),
    )
    adapted = await _adapted(task, request)

    async def apply(session: AsyncSession) -> None:
        row = await session.get_one(VoiceRow, voice.id, with_for_update=True)
        if row.state == VoiceState.ADAPTING.value:
            row.state = VoiceState.READY.value
        if adapted.improved:
            now = task.ports.clock()
            session.add(sealed_row(adapter, adapted.size, now))
            likeness = (adapted.before, adapted.after)
            await coverage.extend(session, voice.id, made_of, now)
            await add_version(
                session,
                row,
                now,
                origin="adaptation",
                prompt_id=active.prompt_id,
                recordings=None if active.recordings is None else sorted({*active.recordings, *made_of}),
                adapter_id=adapter.object_id,
                likeness=likeness,
            )

    result = {"improved": adapted.improved, "likeness": [adapted.before, adapted.after]}
    return Outcome({"voice_id": voice.id, **result}, apply)


async def _adapted(task: Task, request: AdaptRequest) -> Adapted:
    async with aclosing(task.ports.training.adapt(request)) as events:
        async for event in events:
            match event:
                case Progress(fraction):
                    await task.progress(fraction)
                case Adapted():
                    return event
                case Failed(code, message):
                    raise SynthesisFailed(message, code=code)
    raise SynthesisFailed("The adaptation ended without a result.")


async def adaptation_failed(session: AsyncSession, job: JobRow) -> None:
    """The voice goes on speaking as before."""
    voice = await session.get(VoiceRow, job.voice_id)
    if voice is not None and voice.state == VoiceState.ADAPTING.value:
        voice.state = VoiceState.READY.value


async def purge(task: Task) -> Outcome:
    """Remove the ciphertext of a deleted voice, whose key is gone already, or objects that nothing names any more."""
    payload, blobs = task.job.payload, task.ports.blobs
    if "paths" in payload:
        return await _remove(task, payload["paths"])
    if prefix := payload.get("prefix"):
        folder = prefix.rpartition("/")[0]
        return await _remove(task, [path async for path in blobs.list(folder) if path.startswith(prefix)])
    voice_id = payload["voice_id"]
    paths = [path async for path in blobs.list(f"{task.job.account_id}/{voice_id}")]
    for path in paths:
        await blobs.delete(path)

    async def apply(session: AsyncSession) -> None:
        await session.execute(delete(ObjectRow).where(ObjectRow.voice_id == voice_id))
        await record(
            session,
            task.ports.clock(),
            account_id=task.job.account_id,
            actor=task.job.id,
            action="voice.purged",
            subject=voice_id,
            details={"objects": len(paths)},
        )

    return Outcome({"objects": len(paths)}, apply)


async def _remove(task: Task, paths: list[str]) -> Outcome:
    for path in paths:
        await task.ports.blobs.delete(path)
    return Outcome({"objects": len(paths)})


async def _material(task: Task) -> tuple[VoiceRow, list[ObjectRow]]:
    async with task.ports.database.transaction(write=False) as session:
        voice = await session.get(VoiceRow, task.job.payload["voice_id"])
        if voice is None or voice.state == VoiceState.DELETED.value:
            raise LeaseLost
        return voice, list(await repository.objects(session, voice.id, RECORDING))


def sealed_row(ref: ObjectRef, size: int, now: datetime) -> ObjectRow:
    """The row of an object that the engine sealed."""
    digest = hashlib.sha256(ref.binding).hexdigest()
    return ObjectRow.at(ref, now, size=size, media_type="application/octet-stream", digest=digest)
