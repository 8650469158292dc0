"""Seal and open long streams in 64 KiB segments, so that a recording never lies in memory whole.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizard 2015): one key per stream, derived by
HKDF-SHA256 from a fresh salt; the nonce counts segments and marks the last, so that segments can be
neither reordered, repeated, dropped nor cut off.

Layout: b"YNS1", 16 bytes of salt, then segments of 65536 + 16 bytes (the last one shorter or equal).
"""

import os
from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from yinse.contracts.refusals import Unsealable
from yinse.vault.sealing import KEY_BYTES, TAG_BYTES, Secret

MAGIC = b"YNS1"
SALT_BYTES = 16
HEADER_BYTES = len(MAGIC) + SALT_BYTES
SEGMENT_BYTES = 64 * 1024
SEALED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES


def sealed_size(plain: int) -> int:
    """Ciphertext bytes for `plain` bytes of plaintext."""
    segments = max(1, -(-plain // SEGMENT_BYTES))
    return HEADER_BYTES + plain + segments * TAG_BYTES


def plain_size(sealed: int) -> int:
    """Plaintext bytes of `sealed` bytes of ciphertext."""
    segments = max(1, -(-(sealed - HEADER_BYTES) // SEALED_SEGMENT_BYTES))
    return sealed - HEADER_BYTES - segments * TAG_BYTES


class _Cipher:
    """AES-GCM with the counter and last-segment flag as nonce."""

    def __init__(self, key: Secret, salt: bytes, binding: bytes) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, salt, b"yinse stream|" + binding).derive(key.reveal())
        self._aead = AESGCM(derived)
        self._binding = binding
        self._count = 0

    def _nonce(self, last: bool) -> bytes:
        nonce = bytes(7) + self._count.to_bytes(4, "big") + (b"\x01" if last else b"\x00")
        self._count += 1
        return nonce

    def encrypt(self, segment: bytes, last: bool) -> bytes:
        return self._aead.encrypt(self._nonce(last), segment, self._binding)

    def decrypt(self, segment: bytes, last: bool) -> bytes:
        try:
            return self._aead.decrypt(self._nonce(last), segment, self._binding)
        except InvalidTag as error:
            raise Unsealable("This recording does not open: wrong key, moved, cut off or altered.") from error


class Sealer:
    """Feed plaintext with `update`, end with `finish`; the concatenated answers are the ciphertext."""

    def __init__(self, key: Secret, binding: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self._cipher = _Cipher(key, salt, binding)
        self._ready = MAGIC + salt
        self._buffer = bytearray()

    def update(self, plaintext: bytes) -> bytes:
        """Take more plaintext; return the segments that are certainly not the last."""
        self._buffer += plaintext
        out, self._ready = bytearray(self._ready), b""
        while len(self._buffer) > SEGMENT_BYTES:
            out += self._cipher.encrypt(bytes(self._buffer[:SEGMENT_BYTES]), last=False)
            del self._buffer[:SEGMENT_BYTES]
        return bytes(out)

    def finish(self) -> bytes:
        """Return the last segment."""
        return self._ready + self._cipher.encrypt(bytes(self._buffer), last=True)


class Opener:
    """Feed ciphertext with `update`, end with `finish`; a cut-off or altered stream raises `Unsealable`."""

    def __init__(self, key: Secret, binding: bytes) -> None:
        self._key = key
        self._binding = binding
        self._cipher: _Cipher | None = None
        self._buffer = bytearray()

    def update(self, ciphertext: bytes) -> bytes:
        """Take more ciphertext; return the plaintext of whole segments that are not the last."""
        self._buffer += ciphertext
        cipher = self._opened()
        if cipher is None:
            return b""
        out = bytearray()
        while len(self._buffer) > SEALED_SEGMENT_BYTES:
            out += cipher.decrypt(bytes(self._buffer[:SEALED_SEGMENT_BYTES]), last=False)
            del self._buffer[:SEALED_SEGMENT_BYTES]
        return bytes(out)

    def finish(self) -> bytes:
        """Return the plaintext of the last segment."""
        cipher = self._opened()
        if cipher is None or len(self._buffer) < TAG_BYTES:
            raise Unsealable("This recording is cut off.")
        return cipher.decrypt(bytes(self._buffer), last=True)

    def _opened(self) -> _Cipher | None:
        if self._cipher is None and len(self._buffer) >= HEADER_BYTES:
            if self._buffer[: len(MAGIC)] != MAGIC:
                raise Unsealable("These bytes are not a sealed recording.")
            self._cipher = _Cipher(self._key, bytes(self._buffer[len(MAGIC) : HEADER_BYTES]), self._binding)
            del self._buffer[:HEADER_BYTES]
        return self._cipher


async def seal_stream(key: Secret, binding: bytes, plain: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Ciphertext of a stream of plaintext."""
    sealer = Sealer(key, binding)
    async for chunk in plain:
        if sealed := sealer.update(chunk):
            yield sealed
    yield sealer.finish()


async def open_stream(key: Secret, binding: bytes, sealed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Plaintext of a stream of ciphertext. Raises `Unsealable` at the first segment that does not fit."""
    opener = Opener(key, binding)
    async for chunk in sealed:
        if plain := opener.update(chunk):
            yield plain
    if last := opener.finish():
        yield last
