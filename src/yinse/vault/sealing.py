"""Seal and open small byte strings: AES-256-GCM (NIST SP 800-38D) with the row as associated data."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yinse.contracts.refusals import Unsealable

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class Secret:
    """A key in memory. Its repr shows nothing, and it does not pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if len(value) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, got {len(value)}")
        self._value = value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __reduce__(self) -> str:
        raise TypeError("a secret does not leave the process")

    def reveal(self) -> bytes:
        """Return the raw bytes, for the cipher alone."""
        return self._value

    @classmethod
    def random(cls) -> "Secret":
        """Draw a fresh key from the operating system."""
        return cls(os.urandom(KEY_BYTES))


def seal(key: Secret, plaintext: bytes, binding: bytes) -> bytes:
    """Encrypt to nonce + ciphertext + tag, bound to `binding`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key.reveal()).encrypt(nonce, plaintext, binding)


def open_sealed(key: Secret, sealed: bytes, binding: bytes) -> bytes:
    """Decrypt what `seal` made. Raises `Unsealable` for another key or row, or altered bytes."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise Unsealable("This sealed object is cut off.")
    try:
        return AESGCM(key.reveal()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], binding)
    except InvalidTag as error:
        raise Unsealable("This sealed object does not open: wrong key, moved, or altered.") from error
