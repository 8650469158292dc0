"""Sealed material to plaintext, in the memory of this process only."""

from collections.abc import AsyncIterator

from yinse.contracts.errors import NotFound
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import BlobStore, ObjectRef
from yinse.vault.keyring import Keyring


async def one_chunk(data: bytes) -> AsyncIterator[bytes]:
    """A stream of one piece."""
    yield data


class MaterialReader:
    """Reads what a voice is made of; keeps nothing."""

    def __init__(self, blobs: BlobStore, keyring: Keyring) -> None:
        self._blobs, self._keyring = blobs, keyring

    async def read(self, voice: SealedVoice, role: str) -> bytes:
        """Plaintext of one of the voice's objects. Raises `NotFound`, `Unsealable`."""
        if role not in voice.objects:
            raise NotFound(f"This voice has no {role}.")
        return await self.fetch(voice, voice.objects[role])

    async def fetch(self, voice: SealedVoice, ref: ObjectRef) -> bytes:
        """Plaintext of an object. Raises `NotFound`, `Unsealable`."""
        opened = self._keyring.get(self._blobs, voice.keys, ref)
        return b"".join([chunk async for chunk in opened])
