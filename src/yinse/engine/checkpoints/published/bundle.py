"""The house's own file format for a published voice: safetensors and a manifest, as a folder or as one file.

Every part's digest covers names, types, shapes and values of its tensors, so that both forms have the same
digest. A bundle appears whole or not at all.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, uint8

from yinse.contracts.errors import AlreadyExists, CorruptFile, NotFound, StorageFull
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.checkpoints.published.version import Identity

MANIFEST: Final = "manifest.json"
SINGLE: Final = ".safetensors"
"""Suffix of a bundle that is one file."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartManifest(_Strict):
    """What one part is, and what an export needs to write it back."""

    kind: Kind
    family: str
    version: str
    lora: bool
    sizes: dict[str, Any]
    """Our configuration."""
    sha256: str
    settings: dict[str, Any]
    """Configuration of the published training run."""
    info: str
    header: str
    lora_rank: int | None


class Manifest(_Strict):
    """What a bundle holds."""

    format: Literal["yinse-published-voice"] = "yinse-published-voice"
    format_version: Literal[1] = 1
    parts: dict[Kind, PartManifest]
    training_data: str = "unknown: imported from published files"
    licence: str = "unknown: as given by whoever trained the voice"


@dataclass(frozen=True, slots=True)
class Part:
    """Tensors of one part under our names, with what is known of it."""

    manifest: PartManifest
    tensors: dict[str, Tensor]

    @property
    def identity(self) -> Identity:
        """Kind, version and whether it is an adapter."""
        return Identity(self.manifest.kind, self.manifest.version, self.manifest.lora)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parts of a voice."""

    parts: dict[Kind, Part]

    @property
    def manifest(self) -> Manifest:
        """The manifest of all parts."""
        return Manifest(parts={kind: part.manifest for kind, part in self.parts.items()})


def digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over all tensors in the order of their names."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        total.update(f"{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        total.update(tensor.flatten().view(dtype=uint8).numpy().data if tensor.numel() else b"")
    return total.hexdigest()


def save(bundle: Bundle, path: Path) -> None:
    """Write a bundle: a folder, or one file where the path ends in `.safetensors`.

    Raises `AlreadyExists`, `StorageFull`; nothing half-written remains.
    """
    if path.exists():
        raise AlreadyExists(f"'{path}' exists already; nothing was changed.")
    unfinished = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _save_single(bundle, unfinished) if path.suffix == SINGLE else _save_folder(bundle, unfinished)
        unfinished.replace(path)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(unfinished, ignore_errors=True) if unfinished.is_dir() else unfinished.unlink(
            missing_ok=True
        )
        raise StorageFull(f"'{path}' could not be written: {error}.") from error


def load(path: Path) -> Bundle:
    """Read a bundle and check every digest. Raises `NotFound`, `CorruptFile`."""
    if not path.exists():
        raise NotFound(f"There is no weight bundle '{path}'.")
    try:
        bundle = _load_folder(path) if path.is_dir() else _load_single(path)
    except (OSError, SafetensorError, ValidationError, ValueError, KeyError) as error:
        raise CorruptFile(f"'{path.name}' is not a whole weight bundle. Import the voice again.") from error
    for kind, part in bundle.parts.items():
        if digest(part.tensors) != part.manifest.sha256:
            raise CorruptFile(f"The {kind} part of '{path.name}' does not match its digest. Import it again.")
    return bundle


def read_manifest(path: Path) -> Manifest:
    """The manifest alone, without reading tensors. Raises `NotFound`, `CorruptFile`."""
    if not path.exists():
        raise NotFound(f"There is no weight bundle '{path}'.")
    try:
        if path.is_dir():
            return Manifest.model_validate_json((path / MANIFEST).read_bytes())
        with safe_open(path, "pt") as file:
            return Manifest.model_validate_json(file.metadata()["manifest"])
    except (OSError, SafetensorError, ValidationError, ValueError, KeyError, TypeError) as error:
        raise CorruptFile(f"'{path.name}' has no valid manifest. Import the voice again.") from error


def _save_folder(bundle: Bundle, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for kind, part in bundle.parts.items():
        save_file(part.tensors, folder / f"{kind}{SINGLE}")
    text = json.dumps(bundle.manifest.model_dump(mode="json"), ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")


def _save_single(bundle: Bundle, path: Path) -> None:
    tensors = {f"{kind}/{name}": t for kind, part in bundle.parts.items() for name, t in part.tensors.items()}
    save_file(tensors, path, {"manifest": bundle.manifest.model_dump_json()})


def _load_folder(folder: Path) -> Bundle:
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    parts = {}
    for kind, entry in manifest.parts.items():
        with safe_open(folder / f"{kind}{SINGLE}", "pt") as file:
            parts[kind] = Part(entry, {name: file.get_tensor(name) for name in _names(file)})
    return Bundle(parts)


def _load_single(path: Path) -> Bundle:
    with safe_open(path, "pt") as file:
        manifest = Manifest.model_validate_json((file.metadata() or {})["manifest"])
        names = {kind: [n for n in _names(file) if n.startswith(f"{kind}/")] for kind in manifest.parts}
        parts = {
            kind: Part(
                manifest.parts[kind], {name.removeprefix(f"{kind}/"): file.get_tensor(name) for name in found}
            )
            for kind, found in names.items()
        }
    return Bundle(parts)


def _names(file: Any) -> list[str]:
    names: list[str] = list(file.keys())
    return names
