"""ElevenLabs' routes of voices: add, list, find, change, delete."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from yinse.contracts.errors import InvalidInput
from yinse.service.access import allow
from yinse.service.compat.elevenlabs import schemas
from yinse.service.compat.elevenlabs.dialect import PREFIX
from yinse.service.compat.elevenlabs.listing import found, shown
from yinse.service.compat.elevenlabs.schemas import VoiceQuery, VoiceSettings
from yinse.service.compat.waiting import until_made
from yinse.service.context import Context
from yinse.service.forms import audio_form
from yinse.service.principal import Scope
from yinse.service.responses import AfterCommit
from yinse.service.voices import deletion, repository, sealed
from yinse.service.voices.additions import enrol_again, receive_more
from yinse.service.voices.creation import discard, voice_from_form
from yinse.service.voices.endpoints import labels_of
from yinse.service.voices.listing import voice_of, voices_of
from yinse.service.voices.schemas import NewVoice, VoiceChange

router = APIRouter(prefix=PREFIX, tags=["ElevenLabs"])

VoicesRead = Annotated[Context, allow(Scope.VOICES_READ)]
VoicesWrite = Annotated[Context, allow(Scope.VOICES_WRITE)]

_FIELDS = {name: {"type": "string"} for name in ("name", "description", "labels", "remove_background_noise")}
_WRONG = "name, description or labels are missing or malformed"


@router.get("/v1/voices")
async def list_voices(ctx: VoicesRead) -> schemas.Voices:
    """My voices and those shared with me, and the presets."""
    return schemas.Voices(voices=await shown(ctx, await voices_of(ctx)))


@router.get("/v2/voices")
async def search_voices(ctx: VoicesRead, query: Annotated[VoiceQuery, Query()]) -> schemas.VoicesPage:
    """The same, by page, filtered and sorted."""
    page = found(await voices_of(ctx), query)
    return schemas.VoicesPage(
        voices=await shown(ctx, page.voices),
        has_more=page.following is not None,
        total_count=page.total if query.include_total_count else 0,
        next_page_token=page.following,
    )


@router.post(
    "/v1/voices/add",
    response_model=schemas.AddedVoice,
    openapi_extra=audio_form("files", _FIELDS, many=True, required=("name",)),
)
async def add_voice(ctx: VoicesWrite, request: Request) -> Response:
    """Make a voice of recordings; answers when it is made. Noise is removed where that helps, asked or not."""
    row, job, _ = await voice_from_form(ctx, request, _fields)

    async def build() -> Response:
        made = await until_made(ctx.ports, row.id, job.id)
        return JSONResponse({"voice_id": made.id, "requires_verification": False})

    return AfterCommit(build)


def _fields(fields: dict[str, str]) -> tuple[NewVoice, str | None]:
    labels = labels_of(fields.get("labels", ""))
    try:
        name, description = fields.get("name", ""), fields.get("description", "")
        return NewVoice(name=name, description=description, labels=labels), None
    except ValidationError as error:
        raise InvalidInput(_WRONG) from error


@router.post(
    "/v1/voices/{voice_id}/edit", openapi_extra=audio_form("files", _FIELDS, many=True, file_required=False)
)
async def edit_voice(ctx: VoicesWrite, request: Request, voice_id: str) -> schemas.Done:
    """Rename or describe a voice; files are more recordings, of which a candidate is made, to be compared and chosen."""
    received = await receive_more(ctx, request, voice_id)
    try:
        change = _change(received.fields)
        row = await repository.own(ctx.session, ctx.account_id, voice_id)
        for name, value in change.model_dump(exclude_none=True).items():
            setattr(row, name, value)
        if received.objects:
            await enrol_again(ctx, voice_id, received.objects)
    except BaseException:
        await discard(ctx.ports, received.objects)
        raise
    return schemas.Done()


def _change(fields: dict[str, str]) -> VoiceChange:
    """What is left out, or null, stays as it is."""
    labels = fields.get("labels", "null")
    try:
        return VoiceChange(
            name=fields.get("name"),
            description=fields.get("description"),
            labels=None if labels == "null" else labels_of(labels),
        )
    except ValidationError as error:
        raise InvalidInput(_WRONG) from error


@router.get("/v1/voices/{voice_id}")
async def get_voice(ctx: VoicesRead, voice_id: str) -> schemas.Voice:
    """One voice."""
    row, _ = await sealed.find(ctx, voice_id)
    (voice,) = await shown(ctx, [voice_of(row, ctx)])
    return voice


@router.delete("/v1/voices/{voice_id}")
async def delete_voice(ctx: VoicesWrite, voice_id: str) -> schemas.Done:
    """Destroy a voice."""
    await deletion.delete_voice(ctx, voice_id)
    return schemas.Done()


@router.get("/v1/voices/{voice_id}/settings")
async def get_settings(ctx: VoicesRead, voice_id: str) -> VoiceSettings:
    """How a voice speaks unless a request says otherwise."""
    row, _ = await sealed.find(ctx, voice_id)
    return VoiceSettings.model_validate(row.settings)


@router.post("/v1/voices/{voice_id}/settings/edit")
async def edit_settings(ctx: VoicesWrite, voice_id: str, body: VoiceSettings) -> schemas.Done:
    """Change how a voice speaks unless a request says otherwise."""
    row = await repository.own(ctx.session, ctx.account_id, voice_id)
    row.settings = row.settings | body.model_dump(exclude_none=True)
    return schemas.Done()
