"""ElevenLabs' routes: speech with and without timestamps, voices, models, user."""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import ValidationError

from yinse.contracts.errors import InvalidInput
from yinse.contracts.speech import AudioChunk, Finished, Language, PhonemeTiming, Timings
from yinse.service.access import allow
from yinse.service.accounts import quota
from yinse.service.accounts.tables import AccountRow
from yinse.service.compat.elevenlabs import schemas
from yinse.service.compat.elevenlabs.dialect import PREFIX
from yinse.service.compat.elevenlabs.schemas import TextToSpeech, VoiceSettings
from yinse.service.compat.waiting import until_made
from yinse.service.context import Context
from yinse.service.forms import audio_form
from yinse.service.principal import Scope
from yinse.service.responses import AfterCommit
from yinse.service.speech.alignment import Alignment, characters_of
from yinse.service.speech.endpoints import (
    AUDIO_RESPONSE,
    alignment_of,
    audio_response,
    speech_headers,
    spoken_whole,
)
from yinse.service.speech.media import encoder_for
from yinse.service.speech.preparation import Prepared, prepare
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.speech.utterance import Utterance
from yinse.service.voices import deletion, repository, sealed
from yinse.service.voices.creation import voice_from_form
from yinse.service.voices.listing import voice_of, voices_of
from yinse.service.voices.schemas import NewVoice
from yinse.service.voices.schemas import Voice as OurVoice
from yinse.service.voices.tables import VoiceRow

router = APIRouter(prefix=PREFIX, tags=["ElevenLabs"])

Speech = Annotated[Context, allow(Scope.SPEECH)]
VoicesRead = Annotated[Context, allow(Scope.VOICES_READ)]
VoicesWrite = Annotated[Context, allow(Scope.VOICES_WRITE)]
OutputFormat = Annotated[str, Query(max_length=32, examples=["mp3_44100_128"])]

DEFAULT_FORMAT = "mp3_44100_128"
MODEL_IDS = ("yinse", "eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_v3")
_CONTEXT = 1000


async def prepared_speech(ctx: Context, voice_id: str, body: TextToSpeech, output_format: str) -> Prepared:
    """Admit an utterance of this dialect; a voice's stored settings count where the request is silent."""
    row, _ = await sealed.find(ctx, voice_id)
    settings = VoiceSettings.model_validate(
        row.settings | (body.voice_settings.model_dump(exclude_none=True) if body.voice_settings else {})
    )
    order = SpeechOrder(
        text=body.text,
        voice=row.id,
        language=language_of(body.language_code),
        controls=settings.controls(body.seed),
        dictionaries=[locator.ours() for locator in body.pronunciation_dictionary_locators or []],
        previous_text=(body.previous_text or "")[-_CONTEXT:],
        next_text=(body.next_text or "")[:_CONTEXT],
    )
    wanted = schemas.output_format(output_format)
    return await prepare(ctx, order, wanted=wanted, source="elevenlabs")


def language_of(code: str | None) -> Language:
    """A language by its code. Raises `InvalidInput` for one we do not speak."""
    base = (code or "auto").split("-")[0].lower()
    try:
        return Language(base)
    except ValueError as error:
        raise InvalidInput(f"language_code: {base[:8]!r} is not spoken here; use zh, en or ja") from error


@router.post("/v1/text-to-speech/{voice_id}", response_class=StreamingResponse, responses=AUDIO_RESPONSE)
@router.post(
    "/v1/text-to-speech/{voice_id}/stream", response_class=StreamingResponse, responses=AUDIO_RESPONSE
)
async def convert(
    ctx: Speech, voice_id: str, body: TextToSpeech, output_format: OutputFormat = DEFAULT_FORMAT
) -> Response:
    """Speak; both routes stream."""
    return audio_response(ctx, await prepared_speech(ctx, voice_id, body, output_format))


@router.post("/v1/text-to-speech/{voice_id}/with-timestamps", response_model=schemas.SpeechWithTimestamps)
async def convert_with_timestamps(
    ctx: Speech, voice_id: str, body: TextToSpeech, output_format: OutputFormat = DEFAULT_FORMAT
) -> Response:
    """Speak; audio and characters in time."""
    prepared = await prepared_speech(ctx, voice_id, body, output_format)

    async def build() -> Response:
        utterance, audio = await spoken_whole(ctx, prepared)
        alignment = alignment_of(utterance).model_dump()
        encoded = base64.b64encode(audio).decode()
        answer = {"audio_base64": encoded, "alignment": alignment, "normalized_alignment": alignment}
        return JSONResponse(answer, headers=speech_headers(prepared))

    return AfterCommit(build)


@router.post(
    "/v1/text-to-speech/{voice_id}/stream/with-timestamps",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
async def stream_with_timestamps(
    ctx: Speech, voice_id: str, body: TextToSpeech, output_format: OutputFormat = DEFAULT_FORMAT
) -> Response:
    """Speak; one JSON line with audio and characters in time for each piece."""
    prepared = await prepared_speech(ctx, voice_id, body, output_format)

    async def build() -> Response:
        lines = _lines(Utterance(ctx.ports, prepared))
        first = await anext(lines)

        async def whole() -> AsyncGenerator[str, None]:
            async with aclosing(lines):
                yield first
                async for line in lines:
                    yield line

        return StreamingResponse(whole(), media_type="application/x-ndjson", headers=speech_headers(prepared))

    return AfterCommit(build)


async def _lines(utterance: Utterance) -> AsyncGenerator[str, None]:
    encoder, pending, prepared = None, list[PhonemeTiming](), utterance.prepared
    async with aclosing(utterance.events()) as events:
        async for event in events:
            match event:
                case Timings(phonemes):
                    pending.extend(phonemes)
                case AudioChunk():
                    encoder = encoder or encoder_for(prepared.format, event.rate, prepared.label)
                    yield _line(encoder.encode(event.pcm), piece_of(prepared.request.text, pending))
                    pending = []
                case Finished() if encoder is not None:
                    yield _line(encoder.finish(), piece_of(prepared.request.text, pending))


def piece_of(text: str, phonemes: list[PhonemeTiming]) -> Alignment | None:
    """The characters that some phonemes cover, in time."""
    if not phonemes:
        return None
    first, last = min(p.text_start for p in phonemes), max(p.text_end for p in phonemes)
    whole = characters_of(text[:last], phonemes)
    return Alignment(whole.characters[first:], whole.starts[first:], whole.ends[first:])


def alignment_members(found: Alignment | None) -> dict[str, object] | None:
    """As that API has it."""
    if found is None:
        return None
    return {
        "characters": list(found.characters),
        "character_start_times_seconds": list(found.starts),
        "character_end_times_seconds": list(found.ends),
    }


def _line(audio: bytes, found: Alignment | None) -> str:
    alignment = alignment_members(found)
    encoded = base64.b64encode(audio).decode()
    body = {"audio_base64": encoded, "alignment": alignment, "normalized_alignment": alignment}
    return json.dumps(body, ensure_ascii=False) + "\n"


@router.get("/v1/voices")
@router.get("/v2/voices")
async def list_voices(
    ctx: VoicesRead, search: Annotated[str | None, Query(max_length=100)] = None
) -> schemas.Voices:
    """My voices and those shared with me, and the presets."""
    found = [await _voice(ctx, voice) for voice in await voices_of(ctx)]
    if search:
        found = [voice for voice in found if search.lower() in voice.name.lower()]
    return schemas.Voices(voices=found, total_count=len(found))


@router.post(
    "/v1/voices/add",
    response_model=schemas.AddedVoice,
    openapi_extra=audio_form("files", {"name": {"type": "string"}}, many=True, required=("name",)),
)
async def add_voice(ctx: VoicesWrite, request: Request) -> Response:
    """Make a voice of recordings; answers when it is made."""
    row, job = await voice_from_form(ctx, request, _fields)

    async def build() -> Response:
        made = await until_made(ctx.ports, row.id, job.id)
        return JSONResponse({"voice_id": made.id, "requires_verification": False})

    return AfterCommit(build)


def _fields(fields: dict[str, str]) -> tuple[NewVoice, str | None]:
    try:
        labels = json.loads(fields.get("labels") or "{}")
        return NewVoice(
            name=fields.get("name", ""), description=fields.get("description", ""), labels=labels
        ), None
    except (json.JSONDecodeError, ValidationError) as error:
        raise InvalidInput("name, description or labels are missing or malformed") from error


@router.get("/v1/voices/{voice_id}")
async def get_voice(ctx: VoicesRead, voice_id: str) -> schemas.Voice:
    """One voice."""
    row, _ = await sealed.find(ctx, voice_id)
    return await _voice(ctx, voice_of(row, ctx))


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


@router.get("/v1/models")
async def list_models(ctx: Speech) -> list[schemas.Model]:
    """The names that `model_id` usually takes; they all mean this service."""
    most = ctx.ports.options.limits.text_characters
    spoken = (("zh", "Chinese"), ("en", "English"), ("ja", "Japanese"))
    languages = [{"language_id": code, "name": name} for code, name in spoken]
    return [
        schemas.Model(model_id=name, name=name, languages=languages, maximum_text_length_per_request=most)
        for name in MODEL_IDS
    ]


@router.get("/v1/user")
async def get_user(ctx: Speech) -> schemas.User:
    """Who is calling."""
    account = await ctx.session.get_one(AccountRow, ctx.account_id)
    return schemas.User(
        user_id=account.id,
        workspace_id=account.managed_by or account.id,
        first_name=account.display_name,
        subscription=await get_subscription(ctx),
        created_at=int(account.created_at.timestamp()),
    )


@router.get("/v1/user/subscription")
async def get_subscription(ctx: Speech) -> schemas.Subscription:
    """Quotas."""
    limits = ctx.ports.options.limits
    return schemas.Subscription(
        character_count=await quota.used(ctx.session, ctx.account_id, ctx.now),
        character_limit=await quota.allowance(ctx.session, ctx.account_id, limits.characters_monthly),
        next_character_count_reset_unix=int(ctx.now.timestamp()) + quota.seconds_left(ctx.now),
        voice_slots_used=await repository.count_own(ctx.session, ctx.account_id),
        voice_limit=limits.voices,
    )


async def _voice(ctx: Context, voice: OurVoice) -> schemas.Voice:
    row = await ctx.session.get(VoiceRow, voice.id)
    return schemas.Voice(
        voice_id=voice.id,
        name=voice.name,
        category="premade" if voice.preset else "cloned",
        labels=voice.labels,
        description=voice.description,
        settings=VoiceSettings.model_validate(row.settings if row else {}),
        is_owner=voice.owned,
        created_at_unix=int(voice.created_at.timestamp()),
        recording_quality=voice.grade,
        recording_quality_reason=voice.reason,
    )
