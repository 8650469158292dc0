"""One copy of the engine in this process: loads the models, opens voices, admits work and steps it in turns.

Policy (who may start, what is cached, what is forgotten) lives here and never meets a tensor. Opened voices
are kept by (id, epoch) within a limit of bytes; their plaintext stays in this process's memory.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from yinse.contracts.refusals import AtCapacity, Outdated
from yinse.contracts.speech import PRESET, SealedVoice
from yinse.contracts.storage import BlobStore
from yinse.serving.cache import VoiceCache
from yinse.serving.material import MaterialReader
from yinse.serving.options import ServingOptions, cores
from yinse.serving.presets import read_preset
from yinse.serving.turns import Pace, Turns
from yinse.vault.keyring import Keyring

if TYPE_CHECKING:
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.voice.prompt import VoicePrompt

T = TypeVar("T")

_SPARE_THREADS = 2
"""Threads beside those that compute, so that opening a voice does not wait for a step to end."""
_TIDY_SECONDS = 30.0
"""Least time between two returns of freed memory. Steps of one utterance run in several threads, whose allocations leave
holes in each other's memory: after a hundred utterances 80 MB of a process are such holes."""


class Models:
    """How the engine comes into memory; tests put a stand-in here."""

    def base(self, options: ServingOptions) -> "Synthesizer":
        """Load the base voice. Raises `NotFound`, `CorruptFile`."""
        import torch

        from yinse.engine.synthesis.synthesizer import Synthesizer

        torch.set_num_threads(1)  # see docs/adr/0124: several for one step stand in each other's way
        return Synthesizer.load(options.weights, compiled=True)

    def adapted(self, base: "Synthesizer", adapter: bytes) -> "tuple[Synthesizer, int]":
        """The base voice with an adapter over it, and the bytes of what it does not share. Raises `CorruptFile`."""
        from yinse.engine.checkpoints.adapter import adapted
        from yinse.engine.synthesis.synthesizer import Synthesizer

        models = adapted(base.models, adapter)
        parts = (models.acoustic, models.decoder, models.semantic)
        size = sum(tensor.nbytes for part in parts for tensor in part.state_dict().values())
        return Synthesizer(models, base.frontend), size

    def prompt(self, plain: bytes) -> "VoicePrompt":
        """Read a voice. Raises `CorruptFile`."""
        from yinse.engine.voice.prompt import VoicePrompt

        return VoicePrompt.from_bytes(plain)

    def tidy(self) -> None:
        """Return freed memory to the system; it takes some milliseconds."""
        from yinse.engine.checkpoints.memory import give_back

        give_back()


class Replica:
    """The engine, its caches and its slots."""

    def __init__(
        self, options: ServingOptions, blobs: BlobStore, keyring: Keyring, models: Models | None = None
    ) -> None:
        self.options, self.blobs, self.keyring = options, blobs, keyring
        self.material = MaterialReader(blobs, keyring)
        self.prompts: VoiceCache[VoicePrompt] = VoiceCache(options.cache_bytes)
        self.adapted: VoiceCache[Synthesizer] = VoiceCache(options.adapted_bytes)
        self._models = models or Models()
        at_once = options.threads or cores()
        self.turns = Turns(at_once)
        self._speakers = ThreadPoolExecutor(at_once + _SPARE_THREADS, thread_name_prefix="engine")
        self._listener = ThreadPoolExecutor(1, thread_name_prefix="enrolment")
        self._loading = asyncio.Lock()
        self._base: Synthesizer | None = None
        self._open: dict[str, set[asyncio.Event]] = {}
        self._tidied, self._closed = time.monotonic(), False
        self.busy = 0
        """Utterances that are being spoken."""

    @property
    def full(self) -> bool:
        """Whether the next utterance would be refused."""
        return self.busy >= self.options.streams

    @property
    def loaded(self) -> bool:
        """Whether the models are in memory."""
        return self._base is not None

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Run something short in the engine's threads: open a voice, load the models."""
        return await asyncio.get_running_loop().run_in_executor(self._speakers, function, *args)

    async def step(self, pace: Pace, function: Callable[..., T], *args: object) -> T:
        """Compute a piece of speech when it is this utterance's turn; the turn lasts until the thread is done."""
        await self.turns.take(pace.due)
        running = asyncio.get_running_loop().run_in_executor(self._speakers, function, *args)
        running.add_done_callback(self._stepped)
        return await asyncio.shield(running)

    def _stepped(self, step: "asyncio.Future[T]") -> None:
        if not step.cancelled():
            step.exception()  # told to whoever waits for it; if nobody does any more, it is nobody's
        self.turns.give()

    async def listen(self, function: Callable[..., T], *args: object) -> T:
        """Run long work that is not speech, one piece at a time, beside the threads that speak."""
        return await asyncio.get_running_loop().run_in_executor(self._listener, function, *args)

    async def base(self) -> "Synthesizer":
        """The base voice's models, loaded at first use. Raises `NotFound`, `CorruptFile` for the weights."""
        if self._base is None:
            async with self._loading:
                if self._base is None:
                    self._base = await self.run(self._models.base, self.options)
        return self._base

    async def opened(self, voice: SealedVoice) -> "tuple[Synthesizer, VoicePrompt]":
        """Models and prompt to speak in a voice. Raises `Unsealable`, `NotFound`, `CorruptFile`, `Outdated`."""
        prompt, base = await self.prompts.get(voice, lambda: self._prompt(voice)), await self.base()
        if prompt.revision != base.models.revision:
            raise Outdated(
                "This voice is being made anew for newer weights; it speaks again soon.", retry_after=60
            )
        if "adapter" not in voice.objects:
            return base, prompt
        return await self.adapted.get(voice, lambda: self._adapted(voice)), prompt

    async def _prompt(self, voice: SealedVoice) -> "tuple[VoicePrompt, int]":
        prompt = voice.objects.get("prompt")
        if prompt is not None and prompt.kind == PRESET:
            plain = await self.run(read_preset, self.options, prompt.object_id)
        else:
            plain = await self.material.read(voice, "prompt")
        return await self.run(self._models.prompt, plain), len(plain)

    async def _adapted(self, voice: SealedVoice) -> "tuple[Synthesizer, int]":
        base, weights = await self.base(), await self.material.read(voice, "adapter")
        return await self.run(self._models.adapted, base, weights)

    @contextmanager
    def slot(self, voice_id: str) -> Iterator[asyncio.Event]:
        """Admit an utterance; the event is set when the voice is forgotten. Raises `AtCapacity`."""
        if self.full:
            raise AtCapacity("As many voices speak as this machine can bear.", retry_after=2)
        self.busy += 1
        try:
            with self.watch(voice_id) as stopped:
                yield stopped
        finally:
            self.busy -= 1
            self._tidy()

    def _tidy(self) -> None:
        now = time.monotonic()
        if now - self._tidied >= _TIDY_SECONDS and not self._closed:
            self._tidied = now
            self._speakers.submit(self._models.tidy)

    @contextmanager
    def watch(self, voice_id: str) -> Iterator[asyncio.Event]:
        """Work on a voice; the event is set when it is forgotten, and the work must then end at once."""
        stopped = asyncio.Event()
        self._open.setdefault(voice_id, set()).add(stopped)
        try:
            yield stopped
        finally:
            self._open[voice_id].discard(stopped)
            if not self._open[voice_id]:
                del self._open[voice_id]

    def forget(self, voice_id: str) -> None:
        """Drop everything of a voice and stop what speaks in it."""
        self.prompts.forget(voice_id)
        self.adapted.forget(voice_id)
        for event in self._open.get(voice_id, ()):
            event.set()

    def close(self) -> None:
        """Let the threads end; what they compute now is the last."""
        self._closed = True
        for threads in (self._speakers, self._listener):
            threads.shutdown(wait=False, cancel_futures=True)

    def gauges(self) -> dict[str, float]:
        """Numbers for the metrics page."""
        return {
            "streams": self.busy,
            "slots": self.options.streams,
            "steps_waiting": self.turns.waiting,
            "cache_bytes": self.prompts.size,
            "cache_hits": self.prompts.hits,
            "cache_misses": self.prompts.misses,
            "adapted_bytes": self.adapted.size,
            "voices_open": len(self.prompts),
            "voices_adapted": len(self.adapted),
            "loaded": float(self.loaded),
        }
