"""The metadata of safetensors that are in memory: the library gives it for files alone."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def metadata_of(data: bytes) -> dict[str, str]:
    """Read the header: a length of eight bytes, then JSON. Raises `ValueError` for anything else."""
    length = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    return metadata


def digest_of(data: bytes) -> str:
    """SHA-256 of everything after the header, in hexadecimal."""
    return hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()


def digest_of_contents(words: Iterable[str], arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """SHA-256 over words and arrays in the order given, names, types and shapes included, in hexadecimal."""
    digest = hashlib.sha256("\0".join(words).encode())
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
