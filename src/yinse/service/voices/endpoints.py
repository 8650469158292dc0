"""Voices over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.contracts.refusals import Conflict
from yinse.service.access import allow
from yinse.service.context import Context
from yinse.service.forms import audio_form
from yinse.service.jobs import queue
from yinse.service.jobs.schemas import Job, job_of
from yinse.service.live import while_it_lives
from yinse.service.objects.purging import purge
from yinse.service.objects.tables import ObjectRow
from yinse.service.ownership import owned
from yinse.service.principal import Scope
from yinse.service.problems import first_fault
from yinse.service.ranges import FILE_RESPONSES, file_response
from yinse.service.voices import deletion, repository, sealed, told
from yinse.service.voices.additions import enrol_again, receive_more
from yinse.service.voices.creation import RECORDING, discard, voice_from_form
from yinse.service.voices.listing import voice_of, voices_of
from yinse.service.voices.schemas import (
    LABELS,
    Adaptation,
    CreatedVoice,
    Extension,
    NewVoice,
    Receipt,
    Recording,
    Recordings,
    ToldLine,
    Version,
    Versions,
    Voice,
    VoiceChange,
    Voices,
)
from yinse.service.voices.tables import SPEAKING, VersionRow, VersionState, VoiceState
from yinse.vault.segments import plain_size

router = APIRouter(tags=["voices"])

VoicesRead = Annotated[Context, allow(Scope.VOICES_READ)]
VoicesWrite = Annotated[Context, allow(Scope.VOICES_WRITE)]

_TEXT: dict[str, object] = {"type": "string"}
_NEW_VOICE: dict[str, dict[str, object]] = {
    "name": _TEXT,
    "description": _TEXT,
    "language": {"type": "string", "enum": ["auto", "zh", "en", "ja"]},
    "labels": {"type": "string", "description": "a JSON object of strings"},
    **told.FORM_FIELD,
}


def new_voice(fields: dict[str, str]) -> NewVoice:
    """Read the fields beside the files. Raises `InvalidInput` naming the first that is wrong."""
    try:
        values: dict[str, object] = dict(fields)
        if "labels" in fields:
            values["labels"] = labels_of(fields["labels"])
        return NewVoice.model_validate(values)
    except ValidationError as error:
        raise first_fault(error, "form") from error


def labels_of(text: str) -> dict[str, str]:
    """Read the labels of a form, a JSON object of strings. Raises `InvalidInput`."""
    try:
        return LABELS.validate_json(text or "{}")
    except ValidationError as error:
        raise InvalidInput("labels: must be a JSON object of at most 20 short strings") from error


@router.post(
    "/v1/voices",
    status_code=202,
    openapi_extra=audio_form("files", _NEW_VOICE, many=True, required=("name",)),
)
async def create(ctx: VoicesWrite, request: Request) -> CreatedVoice:
    """Upload recordings and have a voice made of them; follow the job."""
    row, job, recordings = await voice_from_form(ctx, request, lambda fields: (new_voice(fields), None))
    ids = [one.id for one in recordings]
    return CreatedVoice(voice=voice_of(row, ctx), job=job_of(job), recordings=ids)


@router.get("/v1/voices")
async def list_voices(ctx: VoicesRead) -> Voices:
    """List my voices and those shared with me, and the presets."""
    return Voices(items=await voices_of(ctx))


@router.get("/v1/voices/{voice_id}")
async def get_voice(ctx: VoicesRead, voice_id: str) -> Voice:
    """Look at a voice I own or may use, or a preset."""
    row, _ = await sealed.find(ctx, voice_id)
    return voice_of(row, ctx)


@router.patch("/v1/voices/{voice_id}")
async def change_voice(ctx: VoicesWrite, voice_id: str, body: VoiceChange) -> Voice:
    """Rename or describe a voice."""
    row = await repository.own(ctx.session, ctx.account_id, voice_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    return voice_of(row, ctx)


@router.delete("/v1/voices/{voice_id}")
async def delete_voice(ctx: VoicesWrite, voice_id: str) -> Receipt:
    """Destroy a voice and everything made of it, at once and for good; answers with a signed receipt."""
    row = await deletion.delete_voice(ctx, voice_id)
    return Receipt(statement=row.statement, signature=row.signature)


@router.post("/v1/voices/{voice_id}/revoke")
async def revoke_voice(ctx: VoicesWrite, voice_id: str) -> Voice:
    """Stop every use of a voice at once, without destroying it."""
    row = await deletion.revoke_voice(ctx, voice_id, "Its owner stopped it.")
    return voice_of(row, ctx)


@router.post("/v1/voices/{voice_id}/restore")
async def restore_voice(ctx: VoicesWrite, voice_id: str) -> Voice:
    """Let a revoked voice speak again, within its owner's account."""
    row = await repository.own(ctx.session, ctx.account_id, voice_id, lock=True)
    if row.state != VoiceState.REVOKED.value or row.version_id is None:
        raise Conflict("This voice is not revoked.")
    row.state, row.reason = VoiceState.READY.value, None
    await ctx.audit("voice.restored", row.id)
    return voice_of(row, ctx)


@router.post(
    "/v1/voices/{voice_id}/recordings",
    status_code=202,
    openapi_extra=audio_form("files", told.FORM_FIELD, many=True),
)
async def add_recordings(ctx: VoicesWrite, request: Request, voice_id: str) -> Extension:
    """Add recordings; a voice that speaks gets a candidate version made of all of them, to be compared and chosen."""
    received = await receive_more(ctx, request, voice_id)
    if not received.objects:
        raise InvalidInput("Send at least one recording.", code="no_recording")
    try:
        job = job_of(await enrol_again(ctx, voice_id, received.objects))
        return Extension(**job.model_dump(), recordings=[one.id for one in received.objects])
    except BaseException:
        await discard(ctx.ports, received.objects)
        raise


@router.post("/v1/voices/{voice_id}/enrol", status_code=202)
async def enrol(ctx: VoicesWrite, voice_id: str) -> Job:
    """Make the voice anew of the recordings it has, such as after one that was refused was removed."""
    await ctx.ports.throttle.hit(ctx.ports.options.limits.uploads, "uploads", ctx.account_id)
    return job_of(await enrol_again(ctx, voice_id))


@router.get("/v1/voices/{voice_id}/recordings")
async def list_recordings(ctx: VoicesRead, voice_id: str) -> Recordings:
    """List the recordings a voice is made of."""
    await repository.own(ctx.session, ctx.account_id, voice_id)
    rows = await repository.objects(ctx.session, voice_id, RECORDING)
    if not rows:
        return Recordings(items=[])
    chain = await ctx.ports.keys.voice(ctx.account_id, voice_id)
    return Recordings(items=[_recording(row, told.lines_of(ctx.ports, chain, row)) for row in rows])


@router.get(
    "/v1/voices/{voice_id}/recordings/{recording_id}/audio",
    response_class=StreamingResponse,
    responses=FILE_RESPONSES,
)
async def play_recording(ctx: VoicesRead, request: Request, voice_id: str, recording_id: str) -> Response:
    """Listen to a recording of my own, or to a part of it (`Range`)."""
    row = await _own_recording(ctx, voice_id, recording_id)
    chain = await ctx.ports.keys.voice(ctx.account_id, voice_id)
    plain = ctx.ports.keyring.get(ctx.ports.blobs, chain, row.ref)
    size = plain_size(row.size)
    require = partial(ctx.ports.keys.voice, ctx.account_id, voice_id)
    watched = partial(while_it_lives, ctx.ports.live, voice_id, require)
    return file_response(request, plain, size, media_type=row.media_type, digest=row.digest, watched=watched)


@router.delete("/v1/voices/{voice_id}/recordings/{recording_id}", status_code=204)
async def delete_recording(ctx: VoicesWrite, voice_id: str, recording_id: str) -> None:
    """Remove one recording; the voice as it speaks now stays."""
    row = await _own_recording(ctx, voice_id, recording_id)
    await ctx.session.delete(row)
    await ctx.audit("recording.deleted", recording_id, {"voice_id": voice_id})
    purge(ctx.session, ctx.now, ctx.account_id, [row.ref.path])


async def _own_recording(ctx: Context, voice_id: str, recording_id: str) -> ObjectRow:
    await repository.own(ctx.session, ctx.account_id, voice_id)
    row = await owned(ctx.session, ObjectRow, recording_id, ctx.account_id, "recording")
    if row.voice_id != voice_id or row.kind != RECORDING:
        raise NotFound("This voice has no such recording.")
    return row


@router.post("/v1/voices/{voice_id}/adapt", status_code=202)
async def adapt(ctx: VoicesWrite, voice_id: str, body: Adaptation) -> Job:
    """Fine-tune on the recordings. The result is a candidate version, to be compared and then chosen."""
    row = await repository.own(ctx.session, ctx.account_id, voice_id, lock=True)
    if row.state not in SPEAKING or row.state == VoiceState.ADAPTING.value:
        raise Conflict("Only a ready voice can be adapted.", code=f"voice_{row.state}")
    row.state = VoiceState.ADAPTING.value
    payload = {"voice_id": voice_id, "steps": body.steps}
    job = queue.enqueue(ctx.session, ctx.now, "adapt", ctx.account_id, payload, voice_id=voice_id)
    await ctx.session.flush()
    return job_of(job)


@router.get("/v1/voices/{voice_id}/versions")
async def list_versions(ctx: VoicesRead, voice_id: str) -> Versions:
    """List the versions of a voice."""
    await repository.own(ctx.session, ctx.account_id, voice_id)
    rows = await repository.versions(ctx.session, voice_id)
    return Versions(items=[Version.model_validate(row, from_attributes=True) for row in rows])


@router.post("/v1/voices/{voice_id}/versions/{version_id}/activate")
async def activate_version(ctx: VoicesWrite, voice_id: str, version_id: str) -> Version:
    """Choose a candidate, or go back to a version that was replaced."""
    row = await repository.own(ctx.session, ctx.account_id, voice_id, lock=True)
    version = await _own_version(ctx, voice_id, version_id)
    await repository.activate(ctx.session, row, version)
    await deletion.evict(ctx, row)
    await ctx.audit("version.activated", version_id, {"voice_id": voice_id})
    return Version.model_validate(version, from_attributes=True)


@router.post("/v1/voices/{voice_id}/versions/{version_id}/dismiss")
async def dismiss_version(ctx: VoicesWrite, voice_id: str, version_id: str) -> Version:
    """Decide against a candidate: the voice goes on as it speaks now. The candidate can still be chosen later."""
    await repository.own(ctx.session, ctx.account_id, voice_id, lock=True)
    version = await _own_version(ctx, voice_id, version_id)
    if version.state == VersionState.ACTIVE.value:
        raise Conflict("This is the version that speaks; choose another one instead.")
    version.state = VersionState.RETIRED.value
    await ctx.audit("version.dismissed", version_id, {"voice_id": voice_id})
    return Version.model_validate(version, from_attributes=True)


async def _own_version(ctx: Context, voice_id: str, version_id: str) -> VersionRow:
    version = await owned(ctx.session, VersionRow, version_id, ctx.account_id, "version")
    if version.voice_id != voice_id:
        raise NotFound("This voice has no such version.")
    return version


def _recording(row: ObjectRow, words: list[ToldLine]) -> Recording:
    return Recording(
        id=row.id,
        media_type=row.media_type,
        size=row.size,
        sha256=row.digest,
        words=words,
        created_at=row.created_at,
    )
