"""The key hierarchy: root -> account -> voice -> object. Wrapped keys go in, objects come out.

Destroying a voice's wrapped key (crypto-shredding) makes everything sealed under it noise, wherever copies
of the ciphertext lie.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from yinse.contracts.refusals import Unsealable
from yinse.contracts.storage import BlobStore, KeyChain, KeyProvider, ObjectRef, WrappedKey
from yinse.vault.sealing import KEY_BYTES, Secret, open_sealed, seal
from yinse.vault.segments import open_stream, seal_stream


def _account_context(account_id: str) -> bytes:
    return f"account|{account_id}".encode()


def _voice_context(account_id: str, voice_id: str) -> bytes:
    return f"voice|{account_id}|{voice_id}".encode()


class Keyring:
    """Makes, wraps and uses keys. Holds no key of its own but the provider's."""

    def __init__(self, root: KeyProvider) -> None:
        self._root = root

    @property
    def active_root(self) -> str:
        """Name of the root key version that wraps now."""
        return self._root.active

    def new_account_key(self, account_id: str) -> WrappedKey:
        """Draw an account key, wrapped by the root."""
        return self._root.wrap(Secret.random().reveal(), _account_context(account_id))

    def new_voice_key(self, account_id: str, voice_id: str, account: WrappedKey) -> WrappedKey:
        """Draw a voice key, wrapped by its account's key."""
        return self._wrap_voice(account_id, voice_id, account, Secret.random())

    def rewrap_account(self, account_id: str, account: WrappedKey) -> WrappedKey:
        """Move an account key under the active root key; what it wraps does not change."""
        return self._root.wrap(self._account(account_id, account).reveal(), _account_context(account_id))

    def rewrap_voice(
        self, account_id: str, voice_id: str, voice: WrappedKey, old: WrappedKey, new: WrappedKey
    ) -> WrappedKey:
        """Move a voice key from the account key `old` to `new`; its objects do not change."""
        key = self._voice(KeyChain(account_id, old, voice), voice_id)
        return self._wrap_voice(account_id, voice_id, new, key)

    def seal(self, chain: KeyChain, ref: ObjectRef, plaintext: bytes) -> bytes:
        """Seal a small object."""
        return seal(self._object(chain, ref), plaintext, ref.binding)

    def open(self, chain: KeyChain, ref: ObjectRef, sealed: bytes) -> bytes:
        """Open a small object. Raises `Unsealable`."""
        return open_sealed(self._object(chain, ref), sealed, ref.binding)

    def open_any(self, chains: Sequence[KeyChain], ref: ObjectRef, sealed: bytes) -> bytes:
        """Open a small object by the first chain that does; there is at least one. Raises `Unsealable`."""
        *others, last = chains
        for chain in others:
            with suppress(Unsealable):
                return self.open(chain, ref, sealed)
        return self.open(last, ref, sealed)

    def seal_stream(
        self, chain: KeyChain, ref: ObjectRef, plain: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """Seal audio as it comes in, in 64 KiB segments."""
        return seal_stream(self._object(chain, ref), ref.binding, plain)

    def open_stream(
        self, chain: KeyChain, ref: ObjectRef, sealed: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """Open audio as it is read. Raises `Unsealable` while iterating."""
        return open_stream(self._object(chain, ref), ref.binding, sealed)

    async def put(
        self, blobs: BlobStore, chain: KeyChain, ref: ObjectRef, plain: AsyncIterator[bytes]
    ) -> int:
        """Seal a stream into the store; return the ciphertext's size in bytes."""
        return await blobs.put(ref.path, self.seal_stream(chain, ref, plain))

    def get(self, blobs: BlobStore, chain: KeyChain, ref: ObjectRef) -> AsyncIterator[bytes]:
        """Plaintext of a stored object. Raises `NotFound` or `Unsealable` while iterating."""
        return self.open_stream(chain, ref, blobs.get(ref.path))

    def fingerprint(self, chain: KeyChain, voice_id: str) -> str:
        """Name a voice key without revealing it: what a deletion receipt says was destroyed."""
        return hashlib.sha256(b"yinse fingerprint|" + self._voice(chain, voice_id).reveal()).hexdigest()[:32]

    def wrap_secret(self, name: str, secret: bytes) -> WrappedKey:
        """Wrap a key of the house (the receipt signing key) under the root."""
        return self._root.wrap(secret, f"house|{name}".encode())

    def unwrap_secret(self, name: str, wrapped: WrappedKey) -> bytes:
        """Unwrap what `wrap_secret` wrapped. Raises `Unsealable`."""
        return self._root.unwrap(wrapped, f"house|{name}".encode())

    def _account(self, account_id: str, account: WrappedKey) -> Secret:
        return Secret(self._root.unwrap(account, _account_context(account_id)))

    def _voice(self, chain: KeyChain, voice_id: str) -> Secret:
        if chain.voice is None:
            raise ValueError("this chain ends at the account")
        account = self._account(chain.account_id, chain.account)
        return Secret(
            open_sealed(account, chain.voice.ciphertext, _voice_context(chain.account_id, voice_id))
        )

    def _wrap_voice(self, account_id: str, voice_id: str, account: WrappedKey, key: Secret) -> WrappedKey:
        wrapping = self._account(account_id, account)
        return WrappedKey(account_id, seal(wrapping, key.reveal(), _voice_context(account_id, voice_id)))

    def _object(self, chain: KeyChain, ref: ObjectRef) -> Secret:
        if chain.voice is None:
            parent = self._account(chain.account_id, chain.account)
        else:
            parent = self._voice(chain, ref.voice_id)
        return Secret(HKDF(SHA256(), KEY_BYTES, None, b"yinse object|" + ref.binding).derive(parent.reveal()))
