"""ElevenLabs' WebSocket: text in, base64 audio and alignment out."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, TypeAdapter
from starlette.websockets import WebSocket

from yinse.service.compat.elevenlabs import schemas
from yinse.service.compat.elevenlabs.dialect import PREFIX
from yinse.service.compat.elevenlabs.endpoints import order_of, piece_of
from yinse.service.compat.elevenlabs.schemas import DEFAULT_FORMAT, Manner
from yinse.service.principal import Scope
from yinse.service.sockets import Caller, accepted, allow_socket, parsed, receive_text, send
from yinse.service.speech.alignment import Alignment
from yinse.service.speech.dialogue import Dialogue, Spoken, conversation

router = APIRouter(prefix=PREFIX, tags=["ElevenLabs"])


class GenerationConfig(BaseModel):
    """How many characters may wait before each piece is spoken."""

    chunk_length_schedule: list[Annotated[int, Field(ge=50, le=500)]] = Field(
        default=[120, 160, 250, 290], min_length=1, max_length=16
    )


class Message(Manner):
    """Every message; the first one's text is a space and says how to speak, the last one's is empty."""

    text: str = Field(max_length=5000)
    try_trigger_generation: bool = Field(
        default=False, description="speak what waits if it is not very short"
    )
    flush: bool = False
    generation_config: GenerationConfig | None = None


_MESSAGE = TypeAdapter(Message)


@router.websocket("/v1/text-to-speech/{voice_id}/stream-input")
async def stream_input(
    socket: WebSocket,
    voice_id: str,
    caller: Annotated[Caller, allow_socket(Scope.SPEECH)],
    output_format: Annotated[str, Query(max_length=32)] = DEFAULT_FORMAT,
    language_code: Annotated[str | None, Query(max_length=16)] = None,
    seed: Annotated[int | None, Query(ge=0, le=2**32 - 1)] = None,
) -> None:
    """Text in, audio and alignment out, until a message with an empty text."""
    async with accepted(socket, schemas.socket_members):
        first = parsed(_MESSAGE, await receive_text(socket))
        async with caller.context(write=False) as ctx:
            order = await order_of(ctx, voice_id, first, language_code, seed)
        schedule = tuple((first.generation_config or GenerationConfig()).chunk_length_schedule)
        wanted = schemas.output_format(output_format)
        dialogue = Dialogue(caller, order, wanted, lambda spoken: _send(socket, spoken), schedule)
        await conversation(dialogue, _acts(socket, dialogue, first))
        await send(socket, {"audio": None, "isFinal": True, "normalizedAlignment": None, "alignment": None})


async def _acts(
    socket: WebSocket, dialogue: Dialogue, first: Message
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    message = first
    while message.text:

        async def act(message: Message = message) -> None:
            await dialogue.feed(message.text, soon=message.try_trigger_generation)
            if message.flush:
                await dialogue.flush()

        yield act
        message = parsed(_MESSAGE, await receive_text(socket))
    yield dialogue.end


async def _send(socket: WebSocket, spoken: Spoken) -> None:
    await send(socket, spoken_members(spoken))


def spoken_members(spoken: Spoken) -> dict[str, object]:
    """A piece of speech as this API's sockets send it."""
    found = piece_of(spoken.piece, list(spoken.timings.phonemes)) if spoken.timings else None
    alignment = _milliseconds(found)
    audio = base64.b64encode(spoken.audio).decode() if spoken.audio else None
    return {"audio": audio, "isFinal": None, "alignment": alignment, "normalizedAlignment": alignment}


def _milliseconds(found: Alignment | None) -> dict[str, object] | None:
    """This route counts in milliseconds from the start of the piece."""
    if found is None:
        return None
    starts = [round(start * 1000) for start in found.starts]
    lengths = [round((end - start) * 1000) for start, end in zip(found.starts, found.ends, strict=True)]
    return {"chars": list(found.characters), "charStartTimesMs": starts, "charDurationsMs": lengths}
