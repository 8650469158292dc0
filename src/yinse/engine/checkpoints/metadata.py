"""The metadata of safetensors that are in memory: the library gives it for files alone."""

import hashlib
import json


def metadata_of(data: bytes) -> dict[str, str]:
    """Read the header: a length of eight bytes, then JSON. Raises `ValueError` for anything else."""
    length = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    return metadata


def digest_of(data: bytes) -> str:
    """SHA-256 of everything after the header, in hexadecimal."""
    return hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()
