"""ElevenLabs' routes: speech with and without timestamps, models, user."""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse

from yinse.contracts.errors import InvalidInput
from yinse.contracts.speech import Language, PhonemeTiming
from yinse.service.access import allow
from yinse.service.accounts import quota
from yinse.service.accounts.tables import AccountRow
from yinse.service.compat.elevenlabs import schemas
from yinse.service.compat.elevenlabs.dialect import PREFIX
from yinse.service.compat.elevenlabs.schemas import Manner, SpeechQuery, TextToSpeech, VoiceSettings
from yinse.service.context import Context
from yinse.service.principal import Scope
from yinse.service.responses import AfterCommit, Streamed, begin
from yinse.service.speech.alignment import Alignment, characters_of
from yinse.service.speech.endpoints import (
    AUDIO_RESPONSE,
    alignment_of,
    audio_response,
    speech_headers,
    spoken_whole,
)
from yinse.service.speech.preparation import Prepared, prepare
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.speech.utterance import Utterance
from yinse.service.voices import repository, sealed

router = APIRouter(prefix=PREFIX, tags=["ElevenLabs"])

Speech = Annotated[Context, allow(Scope.SPEECH)]
InAddress = Annotated[SpeechQuery, Query()]

MODEL_IDS = ("yinse", "eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_v3")
_CONTEXT = 1000


async def prepared_speech(ctx: Context, voice_id: str, body: TextToSpeech, query: SpeechQuery) -> Prepared:
    """Admit an utterance of this dialect."""
    order = await order_of(ctx, voice_id, body, body.language_code, body.seed)
    order = order.model_copy(
        update={
            "text": body.text,
            "previous_text": (body.previous_text or "")[-_CONTEXT:],
            "next_text": (body.next_text or "")[:_CONTEXT],
            "store": query.enable_logging,
        }
    )
    wanted = schemas.output_format(query.output_format)
    return await prepare(ctx, order, wanted=wanted, source="elevenlabs")


async def order_of(
    ctx: Context, voice_id: str, manner: Manner, language_code: str | None, seed: int | None
) -> SpeechOrder:
    """An order of no text yet; a voice's stored settings count where the request is silent.

    Raises `NotFound`, `ConsentRequired`, `InvalidInput`.
    """
    row, _ = await sealed.find(ctx, voice_id)
    given = manner.voice_settings.model_dump(exclude_none=True) if manner.voice_settings else {}
    return SpeechOrder(
        text="-",
        voice=row.id,
        language=language_of(language_code),
        controls=VoiceSettings.model_validate(row.settings | given).controls(seed),
        dictionaries=[locator.ours() for locator in manner.pronunciation_dictionary_locators or []],
    )


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
async def convert(ctx: Speech, voice_id: str, body: TextToSpeech, query: InAddress) -> Response:
    """Speak; both routes stream."""
    return audio_response(ctx, await prepared_speech(ctx, voice_id, body, query))


@router.post("/v1/text-to-speech/{voice_id}/with-timestamps", response_model=schemas.SpeechWithTimestamps)
async def convert_with_timestamps(
    ctx: Speech, voice_id: str, body: TextToSpeech, query: InAddress
) -> Response:
    """Speak; audio and characters in time."""
    prepared = await prepared_speech(ctx, voice_id, body, query)

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
    ctx: Speech, voice_id: str, body: TextToSpeech, query: InAddress
) -> Response:
    """Speak; one JSON line with audio and characters in time for each piece."""
    prepared = await prepared_speech(ctx, voice_id, body, query)

    async def build() -> Response:
        lines = await begin(_lines(Utterance(ctx.ports, prepared)))
        return Streamed(lines, "application/x-ndjson", speech_headers(prepared))

    return AfterCommit(build)


async def _lines(utterance: Utterance) -> AsyncGenerator[str, None]:
    text, told = utterance.prepared.request.text, 0
    async with aclosing(utterance.encoded()) as stream:
        async for audio in stream:
            yield _line(audio, piece_of(text, utterance.phonemes[told:]))
            told = len(utterance.phonemes)
    if rest := utterance.phonemes[told:]:
        yield _line(b"", piece_of(text, rest))


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
