"""What was opened of voices, kept by (id, epoch) within a limit of bytes; it can forget for good."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from yinse.contracts.speech import SealedVoice

T = TypeVar("T")
_Key = tuple[str, int]

Opening = Callable[[], Awaitable[tuple[T, int]]]
"""Opens a voice: the value to keep, and its size in bytes."""


class VoiceCache(Generic[T]):
    """The least recently used goes first once more than `most` bytes are held; the newest always stays.

    Requests that miss together open a voice once. What is being opened while its voice is forgotten reaches
    the requests that wait for it, which are stopped by other means, and is not kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[_Key, tuple[T, int]] = OrderedDict()
        self._opening: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()
        self._forgotten = 0
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(size for _, size in self._held.values())

    async def get(self, voice: SealedVoice, opening: Opening[T]) -> T:
        """The value kept for a voice, opened if it is not there. Raises what `opening` raises."""
        key = (voice.voice_id, voice.epoch)
        lock = self._opening.setdefault(key, asyncio.Lock())
        async with lock:
            if key in self._held:
                self.hits += 1
                self._held.move_to_end(key)
                return self._held[key][0]
            self.misses += 1
            forgotten = self._forgotten
            value, size = await opening()
            if forgotten == self._forgotten:
                self._keep(key, value, size)
            return value

    def forget(self, voice_id: str) -> None:
        """Drop everything of a voice, whatever its epoch, and what is being opened just now."""
        self._forgotten += 1
        for key in [key for key in self._held if key[0] == voice_id]:
            del self._held[key]

    def _keep(self, key: _Key, value: T, size: int) -> None:
        self._held[key] = (value, size)
        while self.size > self._most and len(self._held) > 1:
            self._held.popitem(last=False)
