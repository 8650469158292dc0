"""A weight bundle: safetensors, and a manifest with their configuration, origin and digests."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from yinse.contracts.errors import CorruptFile, NotFound
from yinse.engine.audio.files import write_atomic

MANIFEST: Final = "manifest.json"
FORMAT: Final = "yinse-bundle/1"
Prior = Literal["diffusion", "flow"]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a bundle: the module's configuration and the digest of its weights."""

    file: str
    sha256: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds. `revision` is a digest over all parts: voices remember which one made them."""

    family: str
    preset: str
    licence: str
    data: tuple[str, ...]
    symbols_sha256: str
    parts: dict[str, Part]
    prior: Prior = "diffusion"
    """Which prior of the acoustic part speaks where a request names none: the better one of these very weights."""

    @property
    def revision(self) -> str:
        """Short digest that changes with any weight."""
        joined = "".join(self.parts[name].sha256 for name in sorted(self.parts))
        return hashlib.sha256(joined.encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """SHA-256 of a file as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Parse a bundle's manifest; `NotFound` or `CorruptFile` if that cannot be done."""
    path = folder / MANIFEST
    if not path.exists():
        raise NotFound(f"there are no weights in {folder}: {MANIFEST} is missing")
    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw.pop("format") != FORMAT:
            raise CorruptFile(f"{path} is of a format this version does not know")
        parts = {name: Part(**part) for name, part in raw.pop("parts").items()}
        manifest = Manifest(parts=parts, data=tuple(raw.pop("data")), **raw)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise CorruptFile(f"{path} is damaged: {error}") from error
    if manifest.prior not in get_args(Prior):
        raise CorruptFile(f"{path} is damaged: there is no prior {manifest.prior!r}")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest, whole or not at all (`StorageFull`)."""
    content = {"format": FORMAT, **asdict(manifest)}
    write_atomic(folder / MANIFEST, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def write_part(folder: Path, name: str, config: Any, state: dict[str, Tensor]) -> Part:
    """Store weights in half precision, whole or not at all (`StorageFull`); returns their entry for the manifest."""
    file = f"{name}.safetensors"
    halved = {k: v.half().contiguous() if v.is_floating_point() else v.contiguous() for k, v in state.items()}
    data = save(halved)
    write_atomic(folder / file, data)
    return Part(file, hashlib.sha256(data).hexdigest(), asdict(config))


def read_part(folder: Path, part: Part, *, verify: bool = True) -> dict[str, Tensor]:
    """Weights of one part in single precision; `CorruptFile` if they are not what the manifest says."""
    path = folder / part.file
    if not path.exists():
        raise NotFound(f"{path} is missing from the weights")
    if verify and file_digest(path) != part.sha256:
        raise CorruptFile(f"{path} is damaged: its digest is not the one in {MANIFEST}")
    return {k: v.float() if v.is_floating_point() else v for k, v in read_weights(path).items()}


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors of a file as they are. Raises `NotFound`, `CorruptFile`."""
    if not path.exists():
        raise NotFound(f"there are no weights {path}: train the part that makes them first")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise CorruptFile(f"{path} is damaged: {error}") from error


def sub_state(weights: Path, module: str) -> dict[str, Tensor]:
    """Weights of one exported module of a training run, with the module's name taken off. Raises `NotFound`, `CorruptFile`."""
    prefix = module + "."
    return {
        key.removeprefix(prefix): value
        for key, value in read_weights(weights).items()
        if key.startswith(prefix)
    }


def load_module(module: nn.Module, state: dict[str, Tensor], origin: str) -> None:
    """Load strictly; a name or shape that does not fit is `CorruptFile`."""
    try:
        module.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise CorruptFile(
            f"{origin} does not fit its configuration: {str(error).splitlines()[-1].strip()}"
        ) from error
