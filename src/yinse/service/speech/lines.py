"""Speech as JSON lines: audio and what is spoken in it, while it is spoken; what the studio plays and highlights."""

import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from yinse.contracts.errors import YinseError
from yinse.contracts.speech import PhonemeTiming
from yinse.service.access import allow
from yinse.service.context import Context
from yinse.service.principal import Scope
from yinse.service.problems import Problem, problem_of
from yinse.service.responses import AfterCommit, Streamed, begin
from yinse.service.speech.endpoints import speech_headers
from yinse.service.speech.marks import TextMark
from yinse.service.speech.preparation import prepare
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.speech.utterance import Utterance

router = APIRouter(tags=["speech"])


class SpeechEnd(BaseModel):
    """Everything was spoken and, if asked for, kept in history."""

    generation_id: str
    seconds: float
    seed: int


class SpeechLine(BaseModel):
    """One line: audio with its marks, or the end, or what went wrong on the way."""

    audio_base64: str = Field(default="", description="the next bytes of one file in the format asked for")
    marks: list[TextMark] = Field(default_factory=list)
    finished: SpeechEnd | None = None
    problem: Problem | None = None


class JsonLines(Streamed):
    """One JSON document a line."""

    media_type = "application/x-ndjson"


@router.post("/v1/speech/lines", response_class=JsonLines, responses={200: {"model": SpeechLine}})
async def speak_in_lines(ctx: Annotated[Context, allow(Scope.SPEECH)], body: SpeechOrder) -> Response:
    """Speak a text; each line holds audio and the times of the characters that sound in it."""
    prepared = await prepare(ctx, body)

    async def build() -> Response:
        stream = await begin(_lines(Utterance(ctx.ports, prepared)))
        return JsonLines(stream, JsonLines.media_type, speech_headers(prepared))

    return AfterCommit(build)


async def _lines(utterance: Utterance) -> AsyncGenerator[bytes, None]:
    """A refusal before the first line is an answer with a status; a failure after it is the last line."""
    begun, marked = False, 0
    try:
        async with aclosing(utterance.encoded()) as stream:
            async for audio in stream:
                encoded = base64.b64encode(audio).decode()
                marks = [mark_of(phoneme) for phoneme in utterance.phonemes[marked:]]
                begun, marked = True, len(utterance.phonemes)
                yield _line(SpeechLine(audio_base64=encoded, marks=marks))
    except YinseError as error:
        if not begun:
            raise
        yield _line(SpeechLine(problem=problem_of(error)))
        return
    yield _line(SpeechLine(finished=_end(utterance)))


def mark_of(phoneme: PhonemeTiming) -> TextMark:
    """Where and when a phoneme is, without the phoneme."""
    return TextMark(
        text_start=phoneme.text_start, text_end=phoneme.text_end, start=phoneme.start, end=phoneme.end
    )


def _end(utterance: Utterance) -> SpeechEnd:
    finished = utterance.finished
    assert finished is not None
    return SpeechEnd(
        generation_id=utterance.prepared.generation_id, seconds=finished.seconds, seed=finished.seed
    )


def _line(line: SpeechLine) -> bytes:
    return line.model_dump_json(exclude_none=True).encode() + b"\n"
