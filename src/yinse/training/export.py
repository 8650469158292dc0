"""Training runs to the weight bundle that ships."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.engine.checkpoints.base import FAMILY, PARTS, build_part, symbols_digest
from yinse.engine.checkpoints.bundle import (
    Manifest,
    Part,
    Prior,
    load_module,
    read_manifest,
    sub_state,
    write_manifest,
    write_part,
)
from yinse.engine.models.semantic.monotonic.config import SemanticConfig
from yinse.training.callbacks import WEIGHTS_FILE
from yinse.training.recipe import load_recipe
from yinse.training.registry import part_configs

LICENCE: Final = "CC BY-SA 4.0 (weights; see MODEL_CARD.md for the data they were trained on)"
RUN_OF: Final = {
    "content": "content",
    "speaker": "speaker",
    "semantic": "semantic",
    "acoustic": "acoustic",
    "posterior": "codec",
    "decoder": "decoder",
}
"""Which run exports each part."""


@dataclass(frozen=True, slots=True)
class Source:
    """A finished run: its recipe and the folder it wrote."""

    recipe: Path
    folder: Path


def export_bundle(
    sources: dict[str, Source], target: Path, data: tuple[str, ...], prior: Prior = "diffusion", *,
    silent: tuple[int, ...] = (),
) -> Manifest:  # fmt: skip
    """Write every part of the base voice into `target`, checked by loading it back into its module.

    `silent` are the tokens that are silence in the recordings; they become part of the semantic model's configuration.
    """
    target.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Part] = {}
    for name in PARTS:
        parts[name] = _write(target, name, sources[RUN_OF[name]], silent)
    manifest = Manifest(FAMILY, "base", LICENCE, data, symbols_digest(), parts, prior)
    write_manifest(target, manifest)
    return manifest


def export_decoder(source: Source, target: Path) -> Manifest:
    """Replace the decoder of the bundle in `target`; every other part stays, for none of them hears it."""
    manifest = read_manifest(target)
    parts = {**manifest.parts, "decoder": _write(target, "decoder", source)}
    manifest = replace(manifest, parts=parts)
    write_manifest(target, manifest)
    return manifest


def _write(target: Path, name: str, source: Source, silent: tuple[int, ...] = ()) -> Part:
    weights = source.folder / WEIGHTS_FILE
    if not weights.exists():
        raise NotFound(f"{source.folder} holds no {WEIGHTS_FILE}: train it first")
    config = part_configs(load_recipe(source.recipe))[name]
    _require_shippable(name, config, source.recipe)
    if isinstance(config, SemanticConfig):
        config = replace(config, silent=silent)
    state = sub_state(weights, name)
    load_module(build_part(name, asdict(config)), state, str(weights))
    return write_part(target, name, config, state)


def _require_shippable(name: str, config: object, recipe: Path) -> None:
    if type(config) is not PARTS[name][0]:
        raise InvalidInput(f"{recipe}: the base voice cannot ship a {name} of {type(config).__name__}")
