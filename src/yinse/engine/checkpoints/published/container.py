"""The container of a published file: torch's zip archive, its first two bytes sometimes overwritten.

Nothing is unpickled but data, nothing is decompressed, and no tensor is larger than the bytes that hold it.
"""

import io
import math
import struct
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.checkpoints.published import data_pickle
from yinse.engine.checkpoints.published.data_pickle import TensorRef

ZIP_MAGIC: Final = b"PK"
HEADERS: Final = {
    b"00": "v1",
    b"01": "v2",
    b"02": "v3",
    b"03": "v3",
    b"04": "v4",
    b"05": "v2Pro",
    b"06": "v2ProPlus",
}
"""What the first two bytes stand for where they are not the zip magic (03 and 04 are LoRA files)."""

DEEPEST: Final = 64
"""Containers inside containers; a real file has four."""

_DTYPES: Final = {
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


_DAMAGES: Final = (
    zipfile.BadZipFile, struct.error, EOFError, OSError, ValueError, OverflowError, RuntimeError
)  # fmt: skip
"""What comes of an archive that is not whole: places before its beginning, names that are no text, sizes beyond all numbers."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What a file holds: plain containers with tensors in them, and its first two bytes."""

    content: object
    header: bytes


class _Restored(io.FileIO):
    """A file whose first two bytes read as the zip magic."""

    def read(self, size: int | None = -1) -> bytes:
        """Read from where the file stands."""
        start = self.tell()
        data = super().read(-1 if size is None else size) or b""
        return ZIP_MAGIC[start : start + len(data)] + data[2 - start :] if start < 2 else data


def read(path: Path, *, outlined: str | None = None) -> Archive:
    """Open a published file. Tensors whose names begin with `outlined` are not read: they have a shape, but no numbers.

    Raises `NotFound`, `CorruptFile` (cut off, altered), `InvalidInput` (not such a file).
    """
    header = _header(path)
    try:
        with _Restored(path) as file, zipfile.ZipFile(file) as archive:
            return Archive(_content(archive, path.stat().st_size, outlined), header)
    except _DAMAGES as error:
        raise CorruptFile(f"'{path.name}' is cut off or damaged: {error}. Copy it again.") from error
    except InvalidInput as error:
        raise InvalidInput(f"'{path.name}': {error.message}", code=error.code) from error


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file '{path}'.") from error
    except OSError as error:
        raise InvalidInput(f"'{path}' cannot be read: {error.strerror}.") from error
    header, rest = start[:2], start[2:]
    if rest != b"\x03\x04" or (header != ZIP_MAGIC and header not in HEADERS):
        raise InvalidInput(f"'{path.name}' is not a published voice file.", code="unknown_checkpoint")
    return header


def _content(archive: zipfile.ZipFile, size: int, outlined: str | None) -> object:
    entries = {info.filename: info for info in archive.infolist()}
    programs = [name for name in entries if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(programs) != 1:
        raise InvalidInput("It is an archive, but not of tensors.", code="unknown_checkpoint")
    if any(info.compress_type != zipfile.ZIP_STORED for info in entries.values()):
        raise InvalidInput("Its entries are compressed, which no such file does.", code="unknown_checkpoint")
    if sum(info.file_size for info in entries.values()) > size:
        raise InvalidInput("Its entries are larger than the file.", code="bad_pickle")
    root = programs[0].removesuffix("data.pkl")
    order = archive.read(entries[f"{root}byteorder"]) if f"{root}byteorder" in entries else b"little"
    if order.decode("ascii", "replace") != sys.byteorder:
        raise InvalidInput("Its numbers are stored for another kind of machine.", code="unknown_checkpoint")
    content = data_pickle.load(archive.read(entries[programs[0]]))
    return _Tensors(archive, entries, f"{root}data/", outlined).resolve(content)


class _Tensors:
    """Replaces references by tensors, each with numbers of its own; every storage and every container is visited once."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        entries: Mapping[str, zipfile.ZipInfo],
        folder: str,
        outlined: str | None,
    ) -> None:
        self._archive, self._entries, self._folder, self._outlined = archive, entries, folder, outlined
        self._storages: dict[str, Tensor] = {}
        self._given: set[str] = set()
        self._done: dict[int, object] = {}
        self._budget = 2 * sum(info.file_size for info in entries.values())

    def resolve(self, value: object, depth: int = 0) -> object:
        """The value with all tensors in place; containers stay what they are."""
        if depth > DEEPEST:
            raise InvalidInput("It is nested too deeply.", code="bad_pickle")
        if isinstance(value, TensorRef):
            return self._tensor(value)
        if id(value) not in self._done:
            self._done[id(value)] = self._resolved(value, depth)
        return self._done[id(value)]

    def _resolved(self, value: object, depth: int) -> object:
        if isinstance(value, dict):
            return type(value)((key, self._item(key, item, depth + 1)) for key, item in value.items())
        if isinstance(value, list | tuple):
            return type(value)(self.resolve(item, depth + 1) for item in value)
        return value

    def _item(self, key: object, value: object, depth: int) -> object:
        outlined = self._outlined is not None and isinstance(key, str) and key.startswith(self._outlined)
        if outlined and isinstance(value, TensorRef):
            return torch.empty(value.shape, dtype=self._dtype(value), device="meta")
        return self.resolve(value, depth)

    def _tensor(self, reference: TensorRef) -> Tensor:
        storage = self._storage(reference)
        last = reference.offset + sum(
            (size - 1) * step for size, step in zip(reference.shape, reference.stride, strict=True)
        )
        count = math.prod(reference.shape)
        self._budget -= count * storage.itemsize
        if self._budget < 0 or (count and last >= storage.numel()):
            raise InvalidInput("A tensor is larger than its data.", code="bad_pickle")
        view = storage.as_strided(reference.shape, reference.stride, reference.offset)
        key = reference.storage.key
        if key in self._given or count < storage.numel() or not view.is_contiguous():
            return view.clone(memory_format=torch.contiguous_format)
        self._given.add(key)  # nearly all tensors have a storage to themselves, and need no copy of it
        return view

    def _storage(self, reference: TensorRef) -> Tensor:
        wanted = reference.storage
        if wanted.key not in self._storages:
            dtype, entry = self._dtype(reference), self._entries.get(self._folder + wanted.key)
            if entry is None or entry.file_size != wanted.count * dtype.itemsize:
                raise _unfit(reference)
            data = bytearray(self._archive.read(entry))
            self._storages[wanted.key] = (
                torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
            )
        return self._storages[wanted.key]

    def _dtype(self, reference: TensorRef) -> torch.dtype:
        dtype = _DTYPES.get(reference.storage.type_name)
        if dtype is None:
            raise _unfit(reference)
        return dtype


def _unfit(reference: TensorRef) -> InvalidInput:
    return InvalidInput(f"Its tensor data '{reference.storage.key}' does not fit.", code="bad_pickle")
