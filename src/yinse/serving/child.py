"""The inside of an engine process: requests come in over a socket, events go out, until the service hangs up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any

from yinse.contracts.backend import EnrolmentBackend, SpeechBackend, TrainingBackend
from yinse.contracts.errors import YinseError
from yinse.contracts.refusals import BackendFailed
from yinse.serving.wire import Frame, Verb, packed, receive, send

log = logging.getLogger(__name__)

AHEAD = 2
"""Events that may be made before the service has taken the first of them."""


class Child:
    """Answers requests with the backends of this process."""

    def __init__(
        self,
        speech: SpeechBackend,
        enrolment: EnrolmentBackend,
        training: TrainingBackend,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._speech, self._reader, self._writer = speech, reader, writer
        self._streams: dict[Verb, Callable[[Any], AsyncIterator[Any]]] = {
            Verb.SPEAK: speech.stream,
            Verb.ADAPT: training.adapt,
        }
        self._calls: dict[Verb, Callable[[Any], Coroutine[Any, Any, Any]]] = {
            Verb.EXAMINE: enrolment.examine,
            Verb.CONSENT: enrolment.verify_consent,
            Verb.RESELECT: enrolment.reselect,
            Verb.EMBED: enrolment.embed,
            Verb.FORGET: speech.forget,
            Verb.READY: lambda _: speech.ready(),
        }
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._room: dict[int, asyncio.Semaphore] = {}
        self._closed: set[int] = set()

    async def run(self) -> None:
        """Answer until the service hangs up. What is still being done then is left as it is."""
        while (frame := await receive(self._reader)) is not None:
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        number, verb, value = frame
        if verb is Verb.MORE and number in self._room:
            self._room[number].release()
        elif verb is Verb.CANCEL and number in self._tasks:
            self._tasks[number].cancel()
        elif verb is Verb.CLOSE and number in self._room:
            self._closed.add(number)
            self._room[number].release()
        elif verb in self._streams or verb in self._calls:
            task = asyncio.create_task(self._answer(number, verb, value))
            self._tasks[number] = task
            task.add_done_callback(lambda _: self._tasks.pop(number))

    async def _answer(self, number: int, verb: Verb, value: Any) -> None:
        try:
            if verb in self._calls:
                self._send(number, Verb.DONE, await self._calls[verb](value))
                return
            await self._stream(number, self._streams[verb](value))
            self._send(number, Verb.DONE, None)
        except YinseError as error:
            self._send(number, Verb.ERROR, packed(error))
        except Exception:
            log.exception("the engine broke")
            self._send(number, Verb.ERROR, packed(BackendFailed("The engine broke; send this again.")))
        finally:
            self._send(0, Verb.GAUGES, dict(self._speech.gauges()))

    async def _stream(self, number: int, events: AsyncIterator[Any]) -> None:
        room = self._room[number] = asyncio.Semaphore(AHEAD)
        try:
            async with aclosing(events):  # type: ignore[type-var] # every backend's stream is a generator
                async for event in events:
                    await room.acquire()
                    if number in self._closed:
                        return
                    self._send(number, Verb.ITEM, event)
        finally:
            del self._room[number]
            self._closed.discard(number)

    def _send(self, number: int, verb: Verb, value: Any) -> None:
        with suppress(ConnectionError):
            send(self._writer, (number, verb, value))
