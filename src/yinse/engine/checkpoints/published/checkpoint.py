"""What a published file says: its kind, its weights, the configuration it was trained with."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from torch import Tensor

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published import container
from yinse.engine.checkpoints.published.container import Archive

MOST_SETTINGS = 10_000


class Kind(StrEnum):
    """The two files of a voice."""

    S1 = "s1"
    S2 = "s2"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One file of a voice, under its published names."""

    kind: Kind
    tensors: dict[str, Tensor]
    config: dict[str, Any]
    """Nested settings of the training run; only plain values."""
    info: str
    """How far it was trained, in the words of the training run."""
    header: str
    """The first two bytes of the file."""
    lora_rank: int | None = None


def read(path: Path, *, outlined: str | None = None) -> Checkpoint:
    """Read the s1 or s2 file of a voice; tensors whose names begin with `outlined` get a shape, but no numbers.

    Raises `NotFound`, `CorruptFile`, `InvalidInput`.
    """
    archive = container.read(path, outlined=outlined)
    content = _mapping(archive.content, path.name)
    weights = content.get("weight")
    if not isinstance(weights, Mapping):
        raise InvalidInput(_instead(content, path.name), code="unknown_checkpoint")
    tensors = _tensors(weights, path.name)
    rank, info = content.get("lora_rank"), content.get("info", "")
    return Checkpoint(
        kind=_kind(tensors, path.name),
        tensors=tensors,
        config=_plain_settings(content.get("config", {}), path.name),
        info=info if isinstance(info, str) else "",
        header=archive.header.decode("ascii"),
        lora_rank=rank if type(rank) is int else None,
    )


def read_state(path: Path, key: str | None = None) -> dict[str, Tensor]:
    """Read a bare state, or the one under a key: vocoders and the speaker encoder."""
    archive: Archive = container.read(path)
    content = _mapping(archive.content, path.name)
    if key is not None and key in content:
        content = _mapping(content[key], path.name)
    return _tensors(content, path.name)


def _mapping(content: object, name: str) -> Mapping[Any, Any]:
    if not isinstance(content, Mapping):
        raise InvalidInput(f"'{name}' holds no weights.", code="unknown_checkpoint")
    return content


def _tensors(weights: Mapping[Any, Any], name: str) -> dict[str, Tensor]:
    found = {
        key: value for key, value in weights.items() if isinstance(key, str) and isinstance(value, Tensor)
    }
    if not found or len(found) < len(weights):
        raise InvalidInput(f"'{name}' holds no weights, or more than weights.", code="unknown_checkpoint")
    return found


def _kind(tensors: Mapping[str, Tensor], name: str) -> Kind:
    tops = {key.split(".", 1)[0] for key in tensors}
    if tops == {"model"}:
        return Kind.S1
    if tops & {"enc_p", "dec", "cfm", "ref_enc", "bridge"}:
        return Kind.S2
    if tops == {"discriminators"}:
        raise InvalidInput(f"'{name}' is a discriminator (s2D); it cannot speak.", code="unknown_checkpoint")
    raise InvalidInput(f"'{name}' is of no kind we know.", code="unknown_checkpoint")


def _instead(content: Mapping[Any, Any], name: str) -> str:
    """Say what else a file seems to be."""
    if "state_dict" in content or "optimizer" in content:
        return f"'{name}' is the state of a training run; give the exported weights instead."
    if "generator" in content:
        return f"'{name}' is a vocoder, not a voice."
    return f"'{name}' is not a published voice file."


def _plain_settings(config: object, name: str) -> dict[str, Any]:
    count = 0

    def plain(value: object) -> Any:
        nonlocal count
        count += 1
        if count > MOST_SETTINGS:
            raise InvalidInput(f"'{name}' holds implausibly many settings.", code="bad_pickle")
        if isinstance(value, Mapping):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if value is None or isinstance(value, str | float):
            return value
        if isinstance(value, int) and abs(value) < 1 << 63:  # longer ones cannot be written down
            return value
        raise InvalidInput(f"'{name}' holds a setting that is not plain.", code="bad_pickle")

    settings = plain(config)
    if not isinstance(settings, dict):
        raise InvalidInput(f"'{name}' holds no settings.", code="bad_pickle")
    return settings
