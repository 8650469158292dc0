"""Speech over a WebSocket, for token streams of a language model, with barge-in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, TypeAdapter
from starlette.websockets import WebSocket

from yinse.contracts.speech import Language, Timings
from yinse.service.accounts.schemas import Strict
from yinse.service.dictionaries.schemas import Locator
from yinse.service.principal import Scope
from yinse.service.sockets import Caller, accepted, allow_socket, parsed, receive_text, send
from yinse.service.speech.dialogue import Dialogue, Spoken, conversation
from yinse.service.speech.media import format_of
from yinse.service.speech.schemas import Controls, FormatName, SpeechOrder

router = APIRouter(tags=["speech"])

Act = Callable[[], Awaitable[None]]


class Start(Strict):
    """The first message."""

    type: Literal["start"]
    voice: str = Field(min_length=1, max_length=128)
    language: Language = Language.AUTO
    format: FormatName = "pcm"
    sample_rate: int | None = Field(default=None, ge=8000, le=192_000)
    controls: Controls = Field(default_factory=Controls)
    dictionaries: list[Locator] = Field(default_factory=list, max_length=3)
    timings: bool = False


class Text(Strict):
    """More tokens."""

    type: Literal["text"]
    text: str = Field(max_length=5000)


class Flush(Strict):
    """Speak what waits now."""

    type: Literal["flush"]


class Cancel(Strict):
    """Barge-in: be silent now; the conversation goes on."""

    type: Literal["cancel"]


class End(Strict):
    """No more text; the socket closes when all is spoken."""

    type: Literal["end"]


_START = TypeAdapter(Start)
_MESSAGE: TypeAdapter[Text | Flush | Cancel | End] = TypeAdapter(
    Annotated[Text | Flush | Cancel | End, Field(discriminator="type")]
)


@router.websocket("/v1/speech/live")
async def speak_live(socket: WebSocket, caller: Annotated[Caller, allow_socket(Scope.SPEECH)]) -> None:
    """Text in, audio out.

    In: `start`, then `text`, `flush`, `cancel`, `end`. Out: binary audio, and `timings`, `cancelled`, `done`,
    `error` as JSON. All audio is one stream of the format that `start` chose.
    """
    async with accepted(socket):
        start = parsed(_START, await receive_text(socket))
        dialogue = _dialogue(socket, caller, start)
        await conversation(dialogue, _acts(socket, dialogue))
        await send(socket, {"type": "done"})


def _dialogue(socket: WebSocket, caller: Caller, start: Start) -> Dialogue:
    async def sink(spoken: Spoken) -> None:
        if start.timings and spoken.timings is not None:
            await send(socket, timings_message(spoken.timings, spoken.seconds_before))
        if spoken.audio:
            await socket.send_bytes(spoken.audio)

    order = SpeechOrder(
        text="-",
        voice=start.voice,
        language=start.language,
        controls=start.controls,
        dictionaries=start.dictionaries,
    )
    return Dialogue(caller, order, format_of(start.format, start.sample_rate), sink)


def timings_message(timings: Timings, before: float) -> dict[str, object]:
    """Phonemes and mouth shapes, in seconds of the whole stream."""
    marks = [
        {
            "phoneme": p.symbol,
            "viseme": p.viseme,
            "start": round(before + p.start, 4),
            "end": round(before + p.end, 4),
        }
        for p in timings.phonemes
    ]
    return {"type": "timings", "marks": marks}


async def _acts(socket: WebSocket, dialogue: Dialogue) -> AsyncIterator[Act]:
    while True:
        message = parsed(_MESSAGE, await receive_text(socket))
        match message:
            case Text(text=text):
                yield lambda text=text: dialogue.feed(text)  # type: ignore[misc]
            case Flush():
                yield dialogue.flush
            case Cancel():
                yield lambda: _cancel(socket, dialogue)
            case End():
                yield dialogue.end
                return


async def _cancel(socket: WebSocket, dialogue: Dialogue) -> None:
    dialogue.interrupt()
    await send(socket, {"type": "cancelled"})
