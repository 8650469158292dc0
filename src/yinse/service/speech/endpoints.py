"""Speech over HTTP."""

import base64
from contextlib import aclosing
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, StreamingResponse

from yinse.contracts.refusals import TooLarge
from yinse.contracts.speech import Language
from yinse.service.access import allow, public
from yinse.service.context import Context, Visit
from yinse.service.jobs.schemas import Job, job_of
from yinse.service.principal import Scope
from yinse.service.responses import AfterCommit, Streamed, begin
from yinse.service.speech.alignment import characters_of
from yinse.service.speech.lengths import with_length
from yinse.service.speech.preparation import Prepared, prepare
from yinse.service.speech.schemas import (
    Capabilities,
    CharacterAlignment,
    FormatName,
    Mark,
    SpeechOrder,
    TimedSpeech,
)
from yinse.service.speech.tasks import enqueue_speech
from yinse.service.speech.utterance import Utterance

router = APIRouter(tags=["speech"])

Speech = Annotated[Context, allow(Scope.SPEECH)]
AUDIO_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Audio, streamed while it is being spoken",
        "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def speech_headers(prepared: Prepared) -> dict[str, str]:
    """What is known before the first audio."""
    label = {"X-AIGC-Label": prepared.label.as_json()} if prepared.label else {}
    return label | {
        "Yinse-Generation-Id": prepared.generation_id,
        "Yinse-Seed": str(prepared.seed),
        "Yinse-Characters": str(prepared.characters),
        "Cache-Control": "no-store",
    }


def audio_response(ctx: Context, prepared: Prepared) -> AfterCommit:
    """Answer with the stream of an utterance."""

    async def build() -> Response:
        stream = await begin(Utterance(ctx.ports, prepared).encoded())
        return Streamed(stream, prepared.format.media_type, speech_headers(prepared))

    return AfterCommit(build)


def whole_response(ctx: Context, prepared: Prepared) -> AfterCommit:
    """Answer with the whole file once it is spoken."""

    async def build() -> Response:
        _, audio = await spoken_whole(ctx, prepared)
        return Response(audio, headers=speech_headers(prepared), media_type=prepared.format.media_type)

    return AfterCommit(build)


async def spoken_whole(ctx: Context, prepared: Prepared) -> tuple[Utterance, bytes]:
    """Speak to the end, all of it in memory. Raises `TooLarge` for more than may lie there."""
    utterance, audio = Utterance(ctx.ports, prepared), bytearray()
    most = ctx.ports.options.limits.answer_bytes
    async with aclosing(utterance.encoded()) as stream:
        async for data in stream:
            audio += data
            if len(audio) > most:
                message = (
                    f"This is more than {most} bytes of audio; have it streamed, shorter, or at a lower rate."
                )
                raise TooLarge(message)
    seconds = utterance.finished.seconds if utterance.finished else 0.0
    return utterance, with_length(bytes(audio), prepared.format.name, len(audio), seconds)


@router.post("/v1/speech", response_class=StreamingResponse, responses=AUDIO_RESPONSE)
async def speak(ctx: Speech, body: SpeechOrder) -> Response:
    """Speak a text; audio streams while it is being spoken."""
    return audio_response(ctx, await prepare(ctx, body))


@router.post("/v1/speech/timestamps", response_model=TimedSpeech)
async def speak_with_timestamps(ctx: Speech, body: SpeechOrder) -> Response:
    """Speak a text; answers with audio, characters, phonemes and mouth shapes in time."""
    prepared = await prepare(ctx, body)

    async def build() -> Response:
        return JSONResponse(timed(*await spoken_whole(ctx, prepared)).model_dump())

    return AfterCommit(build)


def timed(utterance: Utterance, audio: bytes) -> TimedSpeech:
    """A finished utterance with its timings."""
    prepared, finished = utterance.prepared, utterance.finished
    assert finished is not None
    return TimedSpeech(
        generation_id=prepared.generation_id,
        audio_base64=base64.b64encode(audio).decode(),
        media_type=prepared.format.media_type,
        seconds=finished.seconds,
        seed=finished.seed,
        alignment=alignment_of(utterance),
        phonemes=[Mark(symbol=p.symbol, start=p.start, end=p.end) for p in utterance.phonemes],
        visemes=[Mark(symbol=p.viseme, start=p.start, end=p.end) for p in utterance.phonemes],
    )


def alignment_of(utterance: Utterance) -> CharacterAlignment:
    """Characters in time."""
    found = characters_of(utterance.prepared.request.text, utterance.phonemes)
    return CharacterAlignment(
        characters=list(found.characters),
        character_start_times_seconds=list(found.starts),
        character_end_times_seconds=list(found.ends),
    )


@router.post("/v1/speech/jobs", status_code=202)
async def speak_as_job(ctx: Speech, body: SpeechOrder) -> Job:
    """Speak a long text in the background; survives restarts and goes on where it was."""
    return job_of(await enqueue_speech(ctx, body))


@router.get("/v1/capabilities")
async def capabilities(visit: Annotated[Visit, public()]) -> Capabilities:
    """What this service can do, and whether it is ready."""
    limits, speech = visit.ports.options.limits, visit.ports.speech
    return Capabilities(
        languages=list(Language),
        formats=list(get_args(FormatName)),
        text_characters=limits.text_characters,
        job_characters=limits.job_characters,
        ready=await speech.ready(),
        engine=dict(speech.gauges()),
    )
