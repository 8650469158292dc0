"""OpenAI's audio routes: speech, voices, voice consents, models."""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import ValidationError

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.contracts.speech import Language
from yinse.service.access import allow
from yinse.service.compat.openai import schemas
from yinse.service.compat.openai.consents import FILE_BYTES, keep_consent, own_consent
from yinse.service.compat.openai.schemas import CreateSpeech
from yinse.service.compat.waiting import until_made
from yinse.service.consents import binding
from yinse.service.consents import repository as consents
from yinse.service.consents import service as consent_service
from yinse.service.consents.tables import ConsentRow
from yinse.service.context import Context
from yinse.service.forms import audio_form
from yinse.service.principal import Scope
from yinse.service.responses import AfterCommit, Streamed, begin
from yinse.service.speech.endpoints import AUDIO_RESPONSE, audio_response, speech_headers
from yinse.service.speech.preparation import Prepared, prepare
from yinse.service.speech.schemas import Controls, SpeechOrder
from yinse.service.speech.utterance import Utterance
from yinse.service.voices import deletion, repository
from yinse.service.voices.creation import voice_from_form
from yinse.service.voices.listing import voices_of
from yinse.service.voices.schemas import NewVoice
from yinse.service.voices.schemas import Voice as OurVoice
from yinse.service.voices.tables import VoiceRow

router = APIRouter(tags=["OpenAI"])

Speech = Annotated[Context, allow(Scope.SPEECH)]
VoicesRead = Annotated[Context, allow(Scope.VOICES_READ)]
VoicesWrite = Annotated[Context, allow(Scope.VOICES_WRITE)]

MODELS = ("yinse", "tts-1", "tts-1-hd", "gpt-4o-mini-tts")
_TEXT = {"type": "string"}


@router.post("/v1/audio/speech", response_class=StreamingResponse, responses=AUDIO_RESPONSE)
async def create_speech(ctx: Speech, body: CreateSpeech) -> Response:
    """Speak; `model` may be any name, `voice` an id or a name of mine."""
    order = SpeechOrder(
        text=body.input,
        voice=body.handle,
        language=Language(body.language),
        format=body.response_format,
        sample_rate=24000 if body.response_format == "pcm" else None,
        controls=Controls(speed=body.speed, seed=body.seed),
    )
    prepared = await prepare(ctx, order, source="openai")
    return _events(ctx, prepared) if body.stream_format == "sse" else audio_response(ctx, prepared)


def _events(ctx: Context, prepared: Prepared) -> AfterCommit:
    async def build() -> Response:
        stream = await begin(Utterance(ctx.ports, prepared).encoded())
        return Streamed(_deltas(stream, prepared), "text/event-stream", speech_headers(prepared))

    return AfterCommit(build)


async def _deltas(stream: AsyncGenerator[bytes, None], prepared: Prepared) -> AsyncGenerator[str, None]:
    async with aclosing(stream):
        async for data in stream:
            yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
    tokens = prepared.characters
    usage = {"input_tokens": tokens, "output_tokens": 0, "total_tokens": tokens}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(body: dict[str, object]) -> str:
    return f"data: {json.dumps(body)}\n\n"


@router.get("/v1/models")
async def list_models(ctx: Speech) -> schemas.ModelList:
    """The names that `model` usually takes; they all mean this service."""
    return schemas.ModelList(data=[schemas.Model(id=name) for name in MODELS])


@router.get("/v1/models/{model}")
async def get_model(ctx: Speech, model: str) -> schemas.Model:
    """One model."""
    if model not in MODELS:
        raise NotFound("There is no such model.")
    return schemas.Model(id=model)


@router.get("/v1/audio/voices")
async def list_voices(ctx: VoicesRead) -> schemas.VoiceList:
    """My voices, those shared with me, and the presets."""
    found = [_voice(voice) for voice in await voices_of(ctx)]
    return schemas.VoiceList(data=found, voices=[voice.name for voice in found])


@router.post(
    "/v1/audio/voices",
    response_model=schemas.Voice,
    openapi_extra=audio_form("audio_sample", {"name": _TEXT, "consent": _TEXT}, required=("name", "consent")),
)
async def create_voice(ctx: VoicesWrite, request: Request) -> Response:
    """Make a voice of a sample and a recorded consent; answers when it is made."""
    row, job, _ = await voice_from_form(ctx, request, _fields, binding, longest=FILE_BYTES)

    async def build() -> Response:
        made = await until_made(ctx.ports, row.id, job.id)
        return JSONResponse(_voice(made).model_dump())

    return AfterCommit(build)


def _fields(fields: dict[str, str]) -> tuple[NewVoice, str | None]:
    if not fields.get("consent"):
        raise InvalidInput("consent: name the recorded consent of the speaker", code="consent_required")
    try:
        return NewVoice(name=fields.get("name", "")), fields["consent"]
    except ValidationError as error:
        raise InvalidInput("name: is missing or not a name") from error


@router.delete("/v1/audio/voices/{voice_id}")
async def delete_voice(ctx: VoicesWrite, voice_id: str) -> schemas.Deleted:
    """Destroy a voice, by id or name."""
    row = await repository.by_handle(ctx.session, ctx.account_id, voice_id)
    if row is None:
        raise NotFound(repository.ABSENT)
    await deletion.delete_voice(ctx, row.id)
    return schemas.Deleted(id=row.id, object="audio.voice")


@router.post(
    "/v1/audio/voice_consents",
    openapi_extra=audio_form("recording", {"name": _TEXT, "language": _TEXT}, required=("name", "language")),
)
async def create_consent(ctx: VoicesWrite, request: Request) -> schemas.VoiceConsent:
    """Record the consent sentence; it is checked when a voice is made with it."""
    return _consent(await keep_consent(ctx, request))


@router.get("/v1/audio/voice_consents")
async def list_consents(
    ctx: VoicesRead,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.VoiceConsentList:
    """My recorded consents, newest first; `after` names the last one of the page before."""
    rows = await consents.of_account(ctx.session, ctx.account_id)
    kept = [row for row in rows if not row.challenged and row.revoked_at is None]
    later = [row for row in kept if after is None or row.id < after]  # ids grow with time
    found = [_consent(row) for row in later[:limit]]
    first, last = (found[0].id, found[-1].id) if found else (None, None)
    more = len(later) > limit
    return schemas.VoiceConsentList(data=found, first_id=first, last_id=last, has_more=more)


@router.get("/v1/audio/voice_consents/{consent_id}")
async def get_consent(ctx: VoicesRead, consent_id: str) -> schemas.VoiceConsent:
    """One recorded consent."""
    return _consent(await own_consent(ctx, consent_id))


@router.post("/v1/audio/voice_consents/{consent_id}")
async def rename_consent(
    ctx: VoicesWrite, consent_id: str, body: schemas.ConsentChange
) -> schemas.VoiceConsent:
    """Give a recorded consent another name."""
    row = await own_consent(ctx, consent_id)
    row.name = body.name
    return _consent(row)


@router.delete("/v1/audio/voice_consents/{consent_id}")
async def delete_consent(ctx: VoicesWrite, consent_id: str) -> schemas.Deleted:
    """Withdraw a consent; a voice made with it stands still."""
    row = await own_consent(ctx, consent_id)
    await consent_service.revoke(ctx, row.id)
    return schemas.Deleted(id=row.id, object="audio.voice_consent")


def _voice(voice: OurVoice | VoiceRow) -> schemas.Voice:
    return schemas.Voice(id=voice.id, name=voice.name, created_at=schemas.seconds(voice.created_at))


def _consent(row: ConsentRow) -> schemas.VoiceConsent:
    return schemas.VoiceConsent(
        id=row.id, name=row.name, language=row.language, created_at=schemas.seconds(row.created_at)
    )
