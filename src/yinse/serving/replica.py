"""One copy of the engine in this process: loads the models, opens voices, admits and steps work.

Policy (who may start, what is cached, what is forgotten) lives here and never meets a tensor. Opened voices
are kept by (id, epoch); plaintext stays in this process's memory, adapters pass through memory-backed files.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from yinse.contracts.refusals import AtCapacity
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import BlobStore
from yinse.serving.material import MaterialReader
from yinse.serving.options import ServingOptions
from yinse.vault.keyring import Keyring

if TYPE_CHECKING:
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.voice.prompt import VoicePrompt

T = TypeVar("T")
Loader = Callable[[Path | None, Path | None], "Synthesizer"]
_ADAPTED = 2
_PROMPTS = 256


def load_synthesizer(weights: Path | None, adapter: Path | None) -> "Synthesizer":
    """Load the base voice, perhaps with an adapter over it."""
    from yinse.engine.synthesis.synthesizer import Synthesizer

    return Synthesizer.load(weights, adapter=adapter)


class Replica:
    """The engine, its caches and its slots."""

    def __init__(
        self, options: ServingOptions, blobs: BlobStore, keyring: Keyring, load: Loader = load_synthesizer
    ) -> None:
        self.options, self.blobs, self.keyring = options, blobs, keyring
        self.material = MaterialReader(blobs, keyring, options.cache_bytes)
        self._load = load
        self._pool = ThreadPoolExecutor(options.streams, thread_name_prefix="engine")
        self._slots = asyncio.Semaphore(options.streams)
        self._loading = asyncio.Lock()
        self._base: Synthesizer | None = None
        self._adapted: OrderedDict[tuple[str, int], Synthesizer] = OrderedDict()
        self._prompts: OrderedDict[tuple[str, int], VoicePrompt] = OrderedDict()
        self._open: dict[str, set[asyncio.Event]] = {}

    @property
    def busy(self) -> int:
        """Utterances that speak or wait."""
        return sum(len(events) for events in self._open.values())

    @property
    def full(self) -> bool:
        """Whether the next utterance would be refused."""
        return self.busy >= self.options.streams + self.options.waiting

    @property
    def loaded(self) -> bool:
        """Whether the models are in memory."""
        return self._base is not None

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Run blocking work in the engine's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)

    async def base(self) -> "Synthesizer":
        """The base voice's models, loaded at first use. Raises `NotFound`, `CorruptFile` for the weights."""
        async with self._loading:
            if self._base is None:
                self._base = await self.run(self._load, self.options.weights, None)
            return self._base

    async def opened(self, voice: SealedVoice) -> "tuple[Synthesizer, VoicePrompt]":
        """Models and prompt to speak in a voice. Raises `Unsealable`, `NotFound`, `CorruptFile`."""
        key = (voice.voice_id, voice.epoch)
        if key not in self._prompts:
            from yinse.engine.voice.prompt import VoicePrompt

            plain = await self.material.read(voice, "prompt")
            _remember(self._prompts, key, await self.run(VoicePrompt.from_bytes, plain), _PROMPTS)
        prompt = self._prompts[key]
        self._prompts.move_to_end(key)
        if "adapter" not in voice.objects:
            return await self.base(), prompt
        return await self._with_adapter(voice), prompt

    async def _with_adapter(self, voice: SealedVoice) -> "Synthesizer":
        key = (voice.voice_id, voice.epoch)
        async with self._loading:
            if key not in self._adapted:
                weights = await self.material.fetch(voice, voice.objects["adapter"])
                made = await self.run(self._load_adapted, weights)
                _remember(self._adapted, key, made, _ADAPTED)
            self._adapted.move_to_end(key)
            return self._adapted[key]

    def _load_adapted(self, weights: bytes) -> "Synthesizer":
        with memory_file(weights) as path:
            return self._load(self.options.weights, path)

    @asynccontextmanager
    async def slot(self, voice_id: str) -> AsyncIterator[asyncio.Event]:
        """Wait for a slot; the event is set when the voice is forgotten. Raises `AtCapacity`."""
        if self.full:
            raise AtCapacity("Every voice slot is busy and the queue is full.", retry_after=2)
        stopped = asyncio.Event()
        self._open.setdefault(voice_id, set()).add(stopped)
        try:
            async with self._slots:
                yield stopped
        finally:
            self._open[voice_id].discard(stopped)
            if not self._open[voice_id]:
                del self._open[voice_id]

    def forget(self, voice_id: str) -> None:
        """Drop everything of a voice and stop what speaks in it."""
        self.material.forget(voice_id)
        for cache in (self._prompts, self._adapted):
            for key in [key for key in cache if key[0] == voice_id]:
                del cache[key]
        for event in self._open.get(voice_id, ()):
            event.set()

    def gauges(self) -> dict[str, float]:
        """Numbers for the metrics page."""
        return {
            "streams": self.busy,
            "slots": self.options.streams,
            "cache_bytes": self.material.size,
            "voices_open": len(self._prompts),
            "voices_adapted": len(self._adapted),
            "loaded": float(self.loaded),
        }


def _remember(cache: OrderedDict[tuple[str, int], T], key: tuple[str, int], value: T, most: int) -> None:
    cache[key] = value
    while len(cache) > most:
        cache.popitem(last=False)


@contextmanager
def memory_file(data: bytes) -> Iterator[Path]:
    """A file that lies in memory alone, for readers that want a path."""
    descriptor = os.memfd_create("yinse")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        yield Path(f"/proc/self/fd/{descriptor}")
