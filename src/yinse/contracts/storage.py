"""Ports for keys and objects: where sealed things lie, and who holds the root key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A 256-bit key encrypted under another one, named by `wrapper`; safe to store."""

    wrapper: str
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyChain:
    """The two wrapped keys that, with the root, open what belongs to one voice of one account.

    For things that belong to an account alone (the text of a history entry) `voice` is None.
    """

    account_id: str
    account: WrappedKey
    voice: WrappedKey | None


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """The row a ciphertext belongs to. Every field is bound to it: moved elsewhere, it does not open."""

    account_id: str
    voice_id: str
    object_id: str
    kind: str

    @property
    def binding(self) -> bytes:
        """Associated data: the row's identity, unambiguous because ids never hold a vertical bar."""
        return "|".join(("yinse", self.account_id, self.voice_id, self.kind, self.object_id)).encode()

    @property
    def path(self) -> str:
        """Where the ciphertext lies in the blob store."""
        return f"{self.account_id}/{self.voice_id or 'account'}/{self.object_id}"


class KeyProvider(Protocol):
    """Holder of the root key: a file, the environment, or a key management service.

    Calls may block (a KMS is a network away); callers use them from threads or at start.
    """

    @property
    def active(self) -> str:
        """Name of the key version that wraps new keys."""

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        """Encrypt a key under the active root version, bound to `context`."""

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        """Decrypt a key. Raises `Unsealable` for another context, an altered or an unknown key."""


class BlobStore(Protocol):
    """Named byte strings, ciphertext only: a folder, or S3."""

    async def put(self, path: str, chunks: AsyncIterator[bytes]) -> int:
        """Store all chunks or nothing; return the number of bytes. Overwrites.

        Raises `StorageFull` when there is no room.
        """

    def get(self, path: str) -> AsyncIterator[bytes]:
        """Yield the bytes in order. Raises `NotFound` before the first one."""

    async def delete(self, path: str) -> None:
        """Remove it; no error when it is not there."""

    def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield every path that starts with the folder `prefix`."""
