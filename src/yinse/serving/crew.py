"""Engine processes beside the service: one for every core to speak, one more to listen and to train.

Python computes one thing at a time in a process. In processes of their own utterances do not wait for one
another's bookkeeping, nor requests for any of it (docs/adr/0126). What travels is ciphertext and wrapped keys, and of
a take that is being recorded the speech itself (docs/adr/0158); the plaintext of a voice is in the memory of the
process that speaks it, and nowhere else.
"""

import asyncio
import hashlib
import logging
import socket
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from typing import Any

from yinse.contracts.enrolment import (
    AdaptRequest,
    ConsentCheck,
    ConsentMatch,
    EnrolmentRequest,
    Examination,
    ReferenceRequest,
    Reselected,
    TrainingEvent,
)
from yinse.contracts.refusals import AtCapacity, BackendFailed
from yinse.contracts.speech import SpeechEvent, SynthesisRequest
from yinse.serving.wire import Verb, receive, send, unpacked

log = logging.getLogger(__name__)

_END_SECONDS = 10.0
_Answers = asyncio.Queue[tuple[Verb, Any]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an engine process is started, and the first message it gets."""

    command: tuple[str, ...]
    first: object


class EngineProcess:
    """One engine process, started when it is first needed and again when it has died."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._numbers = count(1)
        self._answers: dict[int, _Answers] = {}
        self.gauges: Mapping[str, float] = {}
        self.busy = 0
        """Utterances that it speaks."""

    @property
    def running(self) -> bool:
        """Whether there is a process to talk to."""
        return self._writer is not None

    async def call(self, verb: Verb, value: object = None) -> Any:
        """Ask for one answer. Raises what the engine raises, `BackendFailed` when its process ends."""
        async with aclosing(self.stream(verb, value)) as answers:
            async for answer in answers:
                return answer
        return None

    async def stream(self, verb: Verb, value: object) -> AsyncGenerator[Any, None]:
        """Ask for a stream of events (or one answer); closing it early stops the work."""
        await self._start()
        number, answers, ended = next(self._numbers), _Answers(), False
        self._answers[number] = answers
        self._send(number, verb, value)
        try:
            while not ended:
                kind, answer = await answers.get()
                ended = kind is not Verb.ITEM
                if kind is Verb.ERROR:
                    raise unpacked(answer)
                if kind is Verb.ITEM or answer is not None:
                    yield answer
                if not ended:
                    self._send(number, Verb.MORE)
        except BaseException as end:
            if not ended:  # closed by whoever asked: for good. Cancelled: perhaps to be asked again
                closed = isinstance(end, GeneratorExit) and verb is Verb.ADAPT
                self._send(number, Verb.CLOSE if closed else Verb.CANCEL)
            raise
        finally:
            del self._answers[number]

    async def stop(self) -> None:
        """Hang up, and wait for the process to end; one that does not is killed."""
        if self._writer is None or self._process is None or self._reading is None:
            return
        self._writer.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading

    def _send(self, number: int, verb: Verb, value: object = None) -> None:
        if self._writer is not None:
            send(self._writer, (number, verb, value))

    async def _start(self) -> None:
        async with self._starting:
            if self._writer is not None:
                return
            ours, theirs = socket.socketpair()
            with theirs:
                command = (*self._recipe.command, str(theirs.fileno()))
                self._process = await asyncio.create_subprocess_exec(*command, pass_fds=[theirs.fileno()])
            reader, self._writer = await asyncio.open_connection(sock=ours)
            send(self._writer, self._recipe.first)
            self._reading = asyncio.create_task(self._read(reader, self._writer))

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand answers to whoever asked; when the process ends, so does everything that it was asked."""
        while (frame := await receive(reader)) is not None:
            number, verb, value = frame
            if verb is Verb.GAUGES:
                self.gauges = value
            elif number in self._answers:
                self._answers[number].put_nowait((verb, value))
        self._writer, self.gauges = None, {}
        writer.close()
        if self._answers:
            log.error("an engine process ended", extra={"fields": {"open": len(self._answers)}})
        gone = BackendFailed("The engine stopped; send this again.")
        for answers in self._answers.values():
            answers.put_nowait((Verb.ERROR, (type(gone), gone.args, dict(vars(gone)))))


class Crew:
    """All engine processes of a service."""

    def __init__(self, speakers: Sequence[Recipe], listener: Recipe, streams: int) -> None:
        self.speakers = tuple(EngineProcess(recipe) for recipe in speakers)
        self.listener = EngineProcess(listener)
        self.streams = streams

    @property
    def busy(self) -> int:
        """Utterances that are being spoken."""
        return sum(process.busy for process in self.speakers)

    def speaker_of(self, voice_id: str) -> EngineProcess:
        """The least busy process; among equals the one that this voice goes to most, so that it is opened there."""

        def order(place: int) -> tuple[int, bytes]:
            affinity = hashlib.blake2b(f"{place}|{voice_id}".encode(), digest_size=8).digest()
            return self.speakers[place].busy, affinity

        return self.speakers[min(range(len(self.speakers)), key=order)]

    async def stop(self) -> None:
        """End every process."""
        await asyncio.gather(*(process.stop() for process in (*self.speakers, self.listener)))


class CrewSpeech:
    """The speech port over engine processes."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    async def stream(self, request: SynthesisRequest) -> AsyncIterator[SpeechEvent]:
        """Yield what the process yields."""
        if self._crew.busy >= self._crew.streams:
            raise AtCapacity("As many voices speak as this machine can bear.", retry_after=2)
        process = self._crew.speaker_of(request.voice.voice_id)
        process.busy += 1
        try:
            async with aclosing(process.stream(Verb.SPEAK, request)) as events:
                async for event in events:
                    yield event
        finally:
            process.busy -= 1

    async def forget(self, voice_id: str) -> None:
        """Drop a voice in every process that may hold it."""
        crew = self._crew
        held = [process for process in (*crew.speakers, crew.listener) if process.running]
        answers = await asyncio.gather(
            *(process.call(Verb.FORGET, voice_id) for process in held), return_exceptions=True
        )
        for answer in answers:  # a process that ended holds nothing any more
            if isinstance(answer, Exception) and not isinstance(answer, BackendFailed):
                raise answer

    async def ready(self) -> bool:
        """Tell whether every process has its models and there is room; asking starts them."""
        try:
            answers = await asyncio.gather(*(process.call(Verb.READY) for process in self._crew.speakers))
        except BackendFailed:
            return False
        return all(answers) and self._crew.busy < self._crew.streams

    def gauges(self) -> Mapping[str, float]:
        """What the processes say of themselves, added up."""
        told: Counter[str] = Counter()
        for process in self._crew.speakers:
            told.update(process.gauges)
        running = sum(process.running for process in (*self._crew.speakers, self._crew.listener))
        return {**told, "streams": self._crew.busy, "slots": self._crew.streams, "processes": running}

    async def close(self) -> None:
        """End the processes."""
        await self._crew.stop()


class CrewEnrolment:
    """The enrolment port over the process that listens."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    async def examine(self, request: EnrolmentRequest) -> Examination:
        """Judge recordings."""
        found: Examination = await self._crew.listener.call(Verb.EXAMINE, request)
        return found

    async def verify_consent(self, check: ConsentCheck) -> ConsentMatch:
        """Compare words and speaker."""
        found: ConsentMatch = await self._crew.listener.call(Verb.CONSENT, check)
        return found

    async def reselect(self, request: ReferenceRequest) -> Reselected:
        """Find a better reference."""
        found: Reselected = await self._crew.listener.call(Verb.RESELECT, request)
        return found

    async def embed(self, stretches: Sequence[bytes]) -> Sequence[Sequence[float]]:
        """Tell whose voice stretches of speech have."""
        found: Sequence[Sequence[float]] = await self._crew.listener.call(Verb.EMBED, stretches)
        return found


class CrewTraining:
    """The training port over the process that listens."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    async def adapt(self, request: AdaptRequest) -> AsyncGenerator[TrainingEvent, None]:
        """Yield progress, then the outcome."""
        async with aclosing(self._crew.listener.stream(Verb.ADAPT, request)) as events:
            async for event in events:
                yield event
