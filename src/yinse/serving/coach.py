"""The live coach: measures a recording in this process, and asks whoever has the models who speaks in it."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from yinse.contracts.errors import InvalidInput, YinseError
from yinse.serving.listening import plain_json
from yinse.serving.pcm import pcm_of, samples_of

if TYPE_CHECKING:
    from yinse.contracts.quality import Span
    from yinse.quality.observe.voices import Stretch

log = logging.getLogger(__name__)

Embed = Callable[[Sequence[bytes]], Awaitable[Sequence[Sequence[float]]]]
"""`EnrolmentBackend.embed`: stretches of speech to the embeddings of who speaks."""

_MOST_WAITING = 40
"""Half a minute of speech: while the models load nothing is missed, and however slow they are a take holds 2 MB for them."""
_PATIENCE = 2.0
"""Seconds that the last report waits for who spoke at the end."""


class LocalCoach:
    """Opens live examinations of a recording; `prompts` gives the sentences of a language."""

    def __init__(self, prompts: Callable[[str], tuple[str, ...]], embed: Embed) -> None:
        self._prompts, self._embed = prompts, embed

    def open(self, rate: int, language: str) -> "LocalCoachSession":
        """Start a take. Raises `InvalidInput`."""
        if language not in ("zh", "en", "ja"):
            raise InvalidInput(f"There is no guidance in {language!r}; choose zh, en or ja.")
        return LocalCoachSession(rate, self._embed)

    def sentences(self, language: str) -> tuple[str, ...]:
        """Sentences to read aloud."""
        return self._prompts(language)


class LocalCoachSession:
    """One take. No report waits for the models: who spoke is told as soon as it is known."""

    def __init__(self, rate: int, embed: Embed) -> None:
        from yinse.quality.examine import LiveExaminer
        from yinse.quality.observe.encoder import DIFFERENT_BELOW

        self._examiner = LiveExaminer(rate, DIFFERENT_BELOW)
        self._embed = embed
        self._half = b""
        """The first byte of a sample whose second has not come yet."""
        self._waiting: deque[Stretch] = deque(maxlen=_MOST_WAITING)
        self._known: list[tuple[Span, Sequence[float]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._asked = self._deaf = False

    async def feed(self, pcm: bytes) -> None:
        """Take more s16le samples."""
        self._waiting.extend(await asyncio.to_thread(self._hear, pcm))
        if self._asking is None and (self._waiting or not self._asked):
            self._asked = True  # at first of nothing: the models load while somebody begins to read
            self._asking = asyncio.create_task(self._ask())

    async def report(self) -> Mapping[str, Any]:
        """Judge what was heard so far."""
        known, self._known = self._known, []
        return await asyncio.to_thread(self._judge, known)

    async def finish(self) -> Mapping[str, Any]:
        """Judge all of it."""
        if self._asking is not None:
            await asyncio.wait({self._asking}, timeout=_PATIENCE)
        return await self.report()

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking

    def _hear(self, pcm: bytes) -> "list[Stretch]":
        data = self._half + pcm
        whole = len(data) // 2 * 2
        self._half = data[whole:]
        self._examiner.push(samples_of(data[:whole]))
        return self._examiner.stretches()

    def _judge(self, known: "Sequence[tuple[Span, Sequence[float]]]") -> Mapping[str, Any]:
        for span, embedding in known:
            self._examiner.tell(span, np.asarray(embedding, np.float32))
        return plain_json(self._examiner.report())

    async def _ask(self) -> None:
        """Ask who speaks in what is waiting, until nothing is."""
        try:
            while True:
                asked = list(self._waiting)
                embeddings = await self._embed([pcm_of(one.speech.samples) for one in asked])
                self._known += zip((one.span for one in asked), embeddings, strict=True)
                self._answered(asked)
                if not self._waiting:
                    return
        except YinseError as error:
            if not self._deaf:  # the check has no value then; it is made again when the recording is sent
                fields = {"code": error.code, "why": error.message}
                log.warning("a coach cannot ask who speaks", extra={"fields": fields})
            self._deaf = True
        finally:
            self._asking = None

    def _answered(self, asked: "Sequence[Stretch]") -> None:
        """These wait no longer; the oldest of them may have been crowded out before."""
        for one in asked:
            if self._waiting and self._waiting[0] is one:
                self._waiting.popleft()
