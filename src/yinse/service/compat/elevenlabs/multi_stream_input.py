"""ElevenLabs' WebSocket of several contexts: each speaks by itself, and closing one silences it (barge-in)."""

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, TypeAdapter
from starlette.websockets import WebSocket, WebSocketDisconnect

from yinse.contracts.errors import YinseError
from yinse.contracts.refusals import BackendFailed, Conflict
from yinse.service.compat.elevenlabs import schemas
from yinse.service.compat.elevenlabs.dialect import PREFIX
from yinse.service.compat.elevenlabs.endpoints import order_of
from yinse.service.compat.elevenlabs.schemas import DEFAULT_FORMAT, Manner
from yinse.service.compat.elevenlabs.stream_input import GenerationConfig, spoken_members
from yinse.service.principal import Scope
from yinse.service.problems import problem_of
from yinse.service.sockets import Caller, accepted, allow_socket, parsed, receive_text, send
from yinse.service.speech.dialogue import Dialogue, Spoken

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["ElevenLabs"])

_MOST_CONTEXTS = 5
_DEFAULT_CONTEXT = "default"


class Message(Manner):
    """Every message; one with an unknown context opens it, and says how it speaks."""

    text: str = Field(default="", max_length=5000)
    context_id: str = Field(default=_DEFAULT_CONTEXT, min_length=1, max_length=128)
    flush: bool = False
    close_context: bool = False
    close_socket: bool = False
    generation_config: GenerationConfig | None = None


_MESSAGE = TypeAdapter(Message)


@router.websocket("/v1/text-to-speech/{voice_id}/multi-stream-input")
async def multi_stream_input(
    socket: WebSocket,
    voice_id: str,
    caller: Annotated[Caller, allow_socket(Scope.SPEECH)],
    output_format: Annotated[str, Query(max_length=32)] = DEFAULT_FORMAT,
    language_code: Annotated[str | None, Query(max_length=16)] = None,
    seed: Annotated[int | None, Query(ge=0, le=2**32 - 1)] = None,
) -> None:
    """Text in, audio and alignment out, by context, until `close_socket`."""
    async with accepted(socket, schemas.socket_members), AsyncExitStack() as stack:
        contexts = Contexts(socket, caller, voice_id, output_format, language_code, seed)
        stack.push_async_callback(contexts.drop)
        message = parsed(_MESSAGE, await receive_text(socket))
        while not message.close_socket:
            await contexts.take(message)
            message = parsed(_MESSAGE, await receive_text(socket))
        await contexts.finish()


class Contexts:
    """The contexts of one socket."""

    def __init__(
        self,
        socket: WebSocket,
        caller: Caller,
        voice_id: str,
        output_format: str,
        language_code: str | None,
        seed: int | None,
    ) -> None:
        self._socket, self._caller, self._voice_id = socket, caller, voice_id
        self._language_code, self._seed = language_code, seed
        self._wanted = schemas.output_format(output_format)
        self._open: dict[str, tuple[Dialogue, asyncio.Task[None]]] = {}

    async def take(self, message: Message) -> None:
        """Act on one message. Raises `Conflict` when too many contexts are open."""
        if message.close_context:
            await self._close(message.context_id)
            return
        dialogue = await self._dialogue(message)
        await dialogue.feed(message.text)
        if message.flush:
            await dialogue.flush()

    async def finish(self) -> None:
        """Let every context speak what it was given."""
        contexts = list(self._open.values())
        for dialogue, _ in contexts:
            await dialogue.end()
        await asyncio.gather(*(task for _, task in contexts))

    async def drop(self) -> None:
        """Stop everything at once."""
        tasks = [task for _, task in self._open.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self, context_id: str) -> None:
        """Be silent in this context now."""
        found = self._open.get(context_id)
        if found is not None:
            dialogue, task = found
            dialogue.interrupt()
            await dialogue.end()
            await asyncio.wait({task})

    async def _dialogue(self, message: Message) -> Dialogue:
        if message.context_id in self._open:
            return self._open[message.context_id][0]
        if len(self._open) >= _MOST_CONTEXTS:
            raise Conflict(f"{_MOST_CONTEXTS} contexts are open; close one first.", code="too_many_contexts")
        async with self._caller.context(write=False) as ctx:
            order = await order_of(ctx, self._voice_id, message, self._language_code, self._seed)
        schedule = tuple((message.generation_config or GenerationConfig()).chunk_length_schedule)
        name = message.context_id
        dialogue = Dialogue(
            self._caller, order, self._wanted, lambda spoken: self._send(name, spoken), schedule
        )
        self._open[name] = dialogue, asyncio.create_task(self._run(name, dialogue))
        return dialogue

    async def _run(self, context_id: str, dialogue: Dialogue) -> None:
        """Speak to the end; a context that fails says so and leaves the others alone."""
        last: dict[str, object] = {"isFinal": True}
        try:
            await dialogue.run()
        except WebSocketDisconnect:
            return
        except YinseError as error:
            last = schemas.socket_members(problem_of(error))
        except Exception:
            log.exception("a context broke")
            broken = BackendFailed("This context broke on our side; open another one.")
            last = schemas.socket_members(problem_of(broken))
        finally:
            del self._open[context_id]
        await send(self._socket, last | {"contextId": context_id})

    async def _send(self, context_id: str, spoken: Spoken) -> None:
        await send(self._socket, spoken_members(spoken) | {"contextId": context_id})
