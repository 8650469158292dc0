"""GPT-SoVITS api_v2: `/tts`, `POST /`, `/speakers`, and weights that are voices, per key, never global."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.contracts.refusals import PermissionDenied
from yinse.service.access import allow
from yinse.service.accounts.tables import ApiKeyRow
from yinse.service.compat.gptsovits.schemas import Message, Speaker, Tts, handle_of
from yinse.service.context import Context
from yinse.service.principal import Scope
from yinse.service.speech.endpoints import AUDIO_RESPONSE, audio_response, whole_response
from yinse.service.speech.preparation import prepare
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.voices.listing import voices_of
from yinse.service.voices.sealed import find

router = APIRouter(tags=["GPT-SoVITS"])

Speech = Annotated[Context, allow(Scope.SPEECH)]
SpeechWrite = Annotated[Context, allow(Scope.SPEECH, write=True)]
_VOICE = "voice"


@router.post("/tts", response_class=StreamingResponse, responses=AUDIO_RESPONSE)
@router.post("/", response_class=StreamingResponse, responses=AUDIO_RESPONSE)
async def tts(ctx: SpeechWrite, body: Tts) -> Response:
    """Speak in the voice that `ref_audio_path` names, or that this key has chosen."""
    return await _speak(ctx, body)


@router.get("/tts", response_class=StreamingResponse, responses=AUDIO_RESPONSE)
async def tts_by_query(ctx: SpeechWrite, query: Annotated[Tts, Query()]) -> Response:
    """The same, with everything in the address."""
    return await _speak(ctx, query)


async def _speak(ctx: Context, body: Tts) -> Response:
    if body.language is None:
        raise InvalidInput(f"text_lang: {body.text_lang[:16]!r} is not spoken here; use zh, en, ja or auto")
    order = SpeechOrder(
        text=body.text,
        voice=await _voice(ctx, body),
        language=body.language,
        format=body.format,
        controls=body.controls(),
    )
    prepared = await prepare(ctx, order, source="gpt-sovits")
    return audio_response(ctx, prepared) if body.streams else whole_response(ctx, prepared)


async def _voice(ctx: Context, body: Tts) -> str:
    """By handle, then by the prompt text (some clients put the name there), then the key's choice."""
    handles = [handle_of(body.ref_audio_path), body.prompt_text.strip(), await _chosen(ctx)]
    for handle in filter(None, handles):
        try:
            row, _ = await find(ctx, handle[:128])
        except NotFound:
            continue
        return row.id
    raise InvalidInput("ref_audio_path: names no voice of yours; it is a voice's name or id, never a path")


async def _chosen(ctx: Context) -> str:
    key = await ctx.session.get(ApiKeyRow, ctx.principal.key_id) if ctx.principal.key_id else None
    return str(key.defaults.get(_VOICE, "")) if key else ""


@router.get("/speakers")
async def speakers(ctx: Speech) -> list[Speaker]:
    """My voices and the presets, by name."""
    return [Speaker(name=voice.name, voice_id=voice.id) for voice in await voices_of(ctx)]


@router.get("/set_gpt_weights")
@router.get("/set_sovits_weights")
async def set_weights(ctx: SpeechWrite, weights_path: Annotated[str, Query(max_length=512)]) -> Message:
    """Choose the voice of this key's next requests; nobody else's."""
    return await _choose(ctx, weights_path)


@router.get("/set_refer_audio")
async def set_refer_audio(
    ctx: SpeechWrite, refer_audio_path: Annotated[str, Query(max_length=512)]
) -> Message:
    """Choose the voice of this key's next requests; nobody else's."""
    return await _choose(ctx, refer_audio_path)


async def _choose(ctx: Context, path: str) -> Message:
    try:
        row, _ = await find(ctx, handle_of(path))
    except NotFound as error:
        raise InvalidInput("This names no voice of yours.") from error
    key = await ctx.session.get(ApiKeyRow, ctx.principal.key_id) if ctx.principal.key_id else None
    if key is None:
        raise PermissionDenied("Only an API key can choose a voice.")
    key.defaults = {**key.defaults, _VOICE: row.id}
    return Message(message="success")


@router.get("/control")
@router.post("/control")
async def control(ctx: Speech) -> Message:
    """A stranger does not restart this service."""
    raise PermissionDenied("This service is not controlled over HTTP.")
