"""Signed statements anyone can check: deletion receipts and consent records (Ed25519, RFC 8032)."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def canonical(statement: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: JSON with sorted keys, no spaces, UTF-8."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Signer:
    """Signs statements with the house's key."""

    def __init__(self, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)

    def __repr__(self) -> str:
        return f"Signer(public={self.public!r})"

    @staticmethod
    def generate() -> bytes:
        """Draw a private key, to be wrapped and stored."""
        return Ed25519PrivateKey.generate().private_bytes_raw()

    @property
    def public(self) -> str:
        """The public key in base64, to be published."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def sign(self, statement: Mapping[str, Any]) -> str:
        """Signature over the canonical statement, in base64."""
        return base64.b64encode(self._key.sign(canonical(statement))).decode()


def verify(statement: Mapping[str, Any], signature: str, public: str) -> bool:
    """Tell whether `signature` over `statement` is by the holder of `public`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), canonical(statement))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
