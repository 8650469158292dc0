"""Published files to bundles and back; bundles to models that speak."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from torch import nn

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published import checkpoint as checkpoints
from yinse.engine.checkpoints.published import writer
from yinse.engine.checkpoints.published.bundle import Bundle, Part, PartManifest, digest
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.families import (
    family_of,
    missing,
    partial_model,
    silent_model,
    speaking_model,
    to_ours,
)
from yinse.engine.checkpoints.published.version import identify
from yinse.engine.models.acoustic.s2cfm.lora import merge

SUFFIXES: Final = {Kind.S1: ".ckpt", Kind.S2: ".pth"}
"""Published file endings."""


def import_files(paths: Sequence[Path], *, version: str | None = None) -> Bundle:
    """Convert the files of a voice, in any order. `version` settles v3 or v4 where a file leaves it open.

    Raises `InvalidInput` for files of no known kind, two of the same kind, an incomplete file, or a pair
    that does not belong together; `CorruptFile` for damaged ones.
    """
    parts: dict[Kind, Part] = {}
    for path in paths:
        part = to_part(checkpoints.read(path), version=version)
        if part.manifest.kind in parts:
            raise InvalidInput(
                f"Both files are {part.manifest.kind}; give one s1 and one s2.", code="wrong_pair"
            )
        _require_whole(part, path)
        parts[part.manifest.kind] = part
    _require_pair(parts)
    return Bundle(parts)


def to_part(checkpoint: Checkpoint, *, version: str | None = None, digested: bool = True) -> Part:
    """Recognise and rename one checkpoint, whole or not. Values are untouched.

    What is used at once and never stored need not be `digested`.
    """
    identity = identify(checkpoint, told=version)
    family = family_of(identity, checkpoint.config)
    tensors = to_ours(identity, family, checkpoint)
    manifest = PartManifest(
        kind=identity.kind,
        family=family.name,
        version=identity.version,
        lora=identity.lora,
        sizes=family.sizes(),
        sha256=digest(tensors) if digested else "",
        settings=checkpoint.config,
        info=checkpoint.info,
        header=checkpoint.header,
        lora_rank=checkpoint.lora_rank,
    )
    return Part(manifest, tensors)


def to_checkpoint(part: Part) -> Checkpoint:
    """The published checkpoint of a part: same values, published names."""
    manifest = part.manifest
    family = family_of(part.identity, manifest.settings)
    return Checkpoint(
        kind=manifest.kind,
        tensors=family.renames.export(part.tensors),
        config=manifest.settings,
        info=manifest.info,
        header=manifest.header,
        lora_rank=manifest.lora_rank,
    )


def export_files(bundle: Bundle, folder: Path, name: str) -> list[Path]:
    """Write the published files of a bundle; returns their paths."""
    written = []
    for kind, part in bundle.parts.items():
        path = folder / f"{name}{SUFFIXES[kind]}"
        writer.write(to_checkpoint(part), path)
        written.append(path)
    return written


def outline_model(part: Part) -> nn.Module:
    """The model of a part without its numbers: it takes no memory and cannot be run."""
    return silent_model(family_of(part.identity, part.manifest.settings))


def load_model(part: Part, *, base: Part | None = None) -> nn.Module:
    """A model that speaks. An adapter needs the full part of its version as `base`, into which it is merged.

    Raises `InvalidInput` when the base is absent or of another version.
    """
    if not part.identity.lora:
        return speaking_model(family_of(part.identity, part.manifest.settings), part.tensors)
    base = _fitting(part, base)
    return speaking_model(family_of(base.identity, base.manifest.settings), merge(base.tensors, part.tensors))


def hearing_model(part: Part, *, base: Part | None = None) -> nn.Module:
    """A model that encodes references and nothing else; of an adapter's `base` no numbers are needed but those that hear.

    Raises `InvalidInput` as `load_model` does.
    """
    tensors = part.tensors
    if part.identity.lora:
        base = _fitting(part, base)
        tensors = {**base.tensors, **part.tensors}  # adapters themselves change only what speaks
    family = family_of(replace(part.identity, lora=False), part.manifest.settings)
    return partial_model(family, tensors, family.hearing)


def _fitting(part: Part, base: Part | None) -> Part:
    """The base of an adapter."""
    version = part.manifest.version
    if base is None:
        raise InvalidInput(
            f"This voice is an adapter; it needs the {version} base weights (yinse weights pull {version}).",
            code="base_missing",
        )
    if base.manifest.version != version or base.identity.lora:
        raise InvalidInput(f"The base is not the full {version} model.", code="wrong_base")
    return base


def _require_whole(part: Part, path: Path) -> None:
    absent = missing(part.identity, family_of(part.identity, part.manifest.settings), part.tensors)
    if absent:
        raise InvalidInput(
            f"'{path.name}' is incomplete: {len(absent)} tensors are absent, the first is '{absent[0]}'.",
            code="incomplete_checkpoint",
        )


def _require_pair(parts: dict[Kind, Part]) -> None:
    if Kind.S1 not in parts or Kind.S2 not in parts:
        raise InvalidInput("A voice needs two files: s1 (.ckpt) and s2 (.pth).", code="wrong_pair")
    tables = {part.identity.symbols for part in parts.values()}
    if len(tables) > 1:
        versions = " and ".join(f"{kind} is {part.manifest.version}" for kind, part in parts.items())
        raise InvalidInput(f"The files do not belong together: {versions}.", code="wrong_pair")
