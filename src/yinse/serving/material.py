"""Sealed material to plaintext, in the memory of this process only, cached by voice and epoch."""

from collections import OrderedDict
from collections.abc import AsyncIterator

from yinse.contracts.errors import NotFound
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import BlobStore, ObjectRef
from yinse.vault.keyring import Keyring

_Key = tuple[str, int, str]


async def one_chunk(data: bytes) -> AsyncIterator[bytes]:
    """A stream of one piece."""
    yield data


class MaterialReader:
    """Reads what a voice is made of; least recently used material goes first when `most` bytes are held."""

    def __init__(self, blobs: BlobStore, keyring: Keyring, most: int = 64 * 1024 * 1024) -> None:
        self._blobs, self._keyring, self._most = blobs, keyring, most
        self._cache: OrderedDict[_Key, bytes] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes of plaintext held."""
        return sum(len(value) for value in self._cache.values())

    async def read(self, voice: SealedVoice, role: str) -> bytes:
        """Plaintext of one of the voice's objects. Raises `NotFound`, `Unsealable`."""
        key = (voice.voice_id, voice.epoch, role)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        if role not in voice.objects:
            raise NotFound(f"This voice has no {role}.")
        plain = await self.fetch(voice, voice.objects[role])
        self._cache[key] = plain
        while self.size > self._most and len(self._cache) > 1:
            self._cache.popitem(last=False)
        return plain

    async def fetch(self, voice: SealedVoice, ref: ObjectRef) -> bytes:
        """Plaintext of an object, not cached. Raises `NotFound`, `Unsealable`."""
        opened = self._keyring.get(self._blobs, voice.keys, ref)
        return b"".join([chunk async for chunk in opened])

    def forget(self, voice_id: str) -> None:
        """Drop everything of a voice, whatever its epoch."""
        for key in [key for key in self._cache if key[0] == voice_id]:
            del self._cache[key]
