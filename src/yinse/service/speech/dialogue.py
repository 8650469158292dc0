"""One live conversation: text comes in tokens, speech goes out, and an interruption silences it at once.

Shared by our own WebSocket and the drop-in one: both feed text and sink events, each in its own words.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from yinse.contracts.refusals import TooLarge
from yinse.contracts.speech import AudioChunk, Finished, Timings
from yinse.provenance.label import Label
from yinse.service.sockets import Caller
from yinse.service.speech.buffer import TextBuffer
from yinse.service.speech.media import Encoder, Format, encoder_for
from yinse.service.speech.preparation import Prepared, prepare, shutting_down
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.speech.utterance import Utterance

_CONTEXT = 200
_MOST_WAITING = 50_000


@dataclass(frozen=True, slots=True)
class Spoken:
    """The next encoded bytes, or timings that became known (seconds and spans within the piece)."""

    audio: bytes = field(repr=False)
    timings: Timings | None
    seconds_before: float
    piece: str = field(repr=False)


Sink = Callable[[Spoken], Awaitable[None]]


class Dialogue:
    """Speaks pieces one after the other; `interrupt` drops the one being spoken and all that wait."""

    def __init__(
        self, caller: Caller, order: SpeechOrder, wanted: Format, sink: Sink, schedule: tuple[int, ...] = ()
    ) -> None:
        self._caller, self._order, self._wanted, self._sink = caller, order, wanted, sink
        self._buffer = TextBuffer(schedule)
        self._pieces: asyncio.Queue[tuple[int, str | None]] = asyncio.Queue()
        self._waiting = self._interruptions = 0
        self._encoder: Encoder | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._said = ""
        self._seconds = 0.0

    async def feed(self, text: str, *, soon: bool = False) -> None:
        """Take more text; whole pieces start to be spoken. Never waits, for what comes next may be an interruption.

        Raises `TooLarge` when too much text waits to be spoken.
        """
        self._give(self._buffer.feed(text, soon=soon))

    async def flush(self) -> None:
        """Speak what waits, whole or not."""
        self._give(self._buffer.flush())

    async def end(self) -> None:
        """Speak what waits; `run` returns when it is spoken."""
        await self.flush()
        self._pieces.put_nowait((self._interruptions, None))

    def _give(self, pieces: list[str]) -> None:
        self._waiting += sum(map(len, pieces))
        if self._waiting > _MOST_WAITING:
            raise TooLarge(f"More than {_MOST_WAITING} characters wait to be spoken; send them later.")
        for piece in pieces:
            self._pieces.put_nowait((self._interruptions, piece))

    def interrupt(self) -> None:
        """Barge-in: be silent now."""
        self._buffer.clear()
        self._waiting = 0
        self._interruptions += 1
        while not self._pieces.empty():
            self._pieces.get_nowait()
        if self._speaking is not None:
            self._speaking.cancel()

    async def run(self) -> None:
        """Speak until `end`, or until the service ends and nothing is being spoken. Raises what an utterance raises."""
        try:
            while (piece := await self._next()) is not None:
                self._waiting -= len(piece)
                self._speaking = asyncio.create_task(self._speak(piece))
                await asyncio.wait({self._speaking})
                if not self._speaking.cancelled():
                    self._speaking.result()
                self._speaking = None
            if self._encoder is not None and (rest := await asyncio.to_thread(self._encoder.finish)):
                await self._sink(Spoken(rest, None, self._seconds, ""))
        finally:
            if self._speaking is not None:
                self._speaking.cancel()
                with suppress(asyncio.CancelledError):
                    await self._speaking

    async def _next(self) -> str | None:
        """The next piece, or None at the end; not one that was on its way here when an interruption came."""
        while True:
            interruptions, piece = await self._taken()
            if interruptions == self._interruptions:
                return piece

    async def _taken(self) -> tuple[int, str | None]:
        """Whatever comes next. Raises `AtCapacity` when the service ends first."""
        closing = self._caller.ports.live.closing
        coming = asyncio.create_task(self._pieces.get())
        ending = asyncio.create_task(closing.wait())
        try:
            await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                return coming.result()
            raise shutting_down()
        finally:
            coming.cancel()
            ending.cancel()

    async def _speak(self, piece: str) -> None:
        prepared = await self._prepared(piece)
        self._said = (self._said + piece)[-_CONTEXT:]
        utterance, seconds = Utterance(self._caller.ports, prepared), 0.0
        async with aclosing(utterance.events()) as events:
            async for event in events:
                match event:
                    case Timings():
                        await self._sink(Spoken(b"", event, self._seconds, piece))
                    case AudioChunk():
                        audio = await self._encoded(event, prepared.label)
                        await self._sink(Spoken(audio, None, self._seconds, piece))
                        seconds += event.seconds
                    case Finished():
                        self._seconds += seconds

    async def _prepared(self, piece: str) -> Prepared:
        order = self._order.model_copy(update={"text": piece, "previous_text": self._said, "store": False})
        async with self._caller.context() as ctx:
            return await prepare(ctx, order, wanted=self._wanted, source="live")

    async def _encoded(self, chunk: AudioChunk, label: Label | None) -> bytes:
        """All pieces are one stream; it is labelled as the first of them."""
        if self._encoder is None:
            self._encoder = encoder_for(self._wanted, chunk.rate, label)
        return await asyncio.to_thread(self._encoder.encode, chunk.pcm)


async def conversation(dialogue: Dialogue, messages: AsyncIterator[Callable[[], Awaitable[None]]]) -> None:
    """Let messages drive a dialogue until either side ends or fails; the other is then stopped."""

    async def drive() -> None:
        async for act in messages:
            await act()

    driving, speaking = asyncio.create_task(drive()), asyncio.create_task(dialogue.run())
    try:
        await asyncio.wait({driving, speaking}, return_when=asyncio.FIRST_COMPLETED)
        if driving.done():
            driving.result()
        await speaking
    finally:
        for task in (driving, speaking):
            task.cancel()
        await asyncio.gather(driving, speaking, return_exceptions=True)
