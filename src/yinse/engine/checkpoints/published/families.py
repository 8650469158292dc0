"""From what a file is to the model it fills: configuration, rename table, factory."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import torch
from torch import Tensor, nn

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.version import BY_FLOW, Identity
from yinse.engine.models.acoustic.s2 import config as s2_config
from yinse.engine.models.acoustic.s2 import factory as s2_factory
from yinse.engine.models.acoustic.s2 import legacy as s2_legacy
from yinse.engine.models.acoustic.s2cfm import config as cfm_config
from yinse.engine.models.acoustic.s2cfm import factory as cfm_factory
from yinse.engine.models.acoustic.s2cfm import legacy as cfm_legacy
from yinse.engine.models.layers.published.renames import Renames
from yinse.engine.models.layers.published.weight_norm import fold
from yinse.engine.models.semantic.s1 import config as s1_config
from yinse.engine.models.semantic.s1 import factory as s1_factory
from yinse.engine.models.semantic.s1 import legacy as s1_legacy

TOKENIZER: Final = "tokenizer"
POSTERIOR: Final = "posterior."
"""Only official files hold it; it is needed to train, not to speak."""
HEARING: Final = (TOKENIZER, "style")
PRO_HEARING: Final = (*HEARING, "speaker")
FLOW_HEARING: Final = (*HEARING, "encoder", "bridge", "smoother")
LARGEST: Final = 8192
"""Bound of every size that a file may ask for."""


@dataclass(frozen=True, slots=True)
class Family:
    """How to make the model of one file."""

    name: str
    config: Any
    renames: Renames
    build: Callable[[bool], nn.Module]
    """Takes whether to build for training: with weight normalisation and the posterior encoder."""
    hearing: tuple[str, ...] = ()
    """Parts of the model that references are encoded with; the others only speak."""

    def sizes(self) -> dict[str, Any]:
        """The configuration as plain values, for the manifest."""
        sizes: dict[str, Any] = json.loads(json.dumps(asdict(self.config)))
        return sizes


def family_of(identity: Identity, settings: Mapping[str, Any]) -> Family:
    """The family of a file; `settings` are the published ones, from which s1 takes its sizes."""
    if identity.kind is Kind.S1:
        return _s1(identity, settings)
    if identity.version in BY_FLOW:
        flow = cfm_config.PRESETS[identity.version]()
        table = cfm_legacy.LORA_RENAMES if identity.lora else cfm_legacy.RENAMES
        return Family(
            "s2cfm", flow, table, lambda training: cfm_factory.build(flow, weight_norm=training), FLOW_HEARING
        )
    preset = s2_config.PRESETS[identity.version]()
    return Family(
        "s2",
        preset,
        s2_legacy.renames(preset),
        lambda training: s2_factory.build(preset, posterior=training, weight_norm=training),
        PRO_HEARING if preset.speaker_vector else HEARING,
    )


def layout(family: Family) -> dict[str, tuple[int, ...]]:
    """Our names and shapes of a complete file, the posterior included where the family has one."""
    with torch.device("meta"):
        model = family.build(True)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def to_ours(identity: Identity, family: Family, checkpoint: Checkpoint) -> dict[str, Tensor]:
    """Rename a checkpoint's tensors and check every shape; tensors stay as they are.

    Raises `InvalidInput` for a name or a shape the model does not have, and for adapters without their rank.
    """
    if identity.lora and checkpoint.lora_rank is None:
        message = "This LoRA file does not say its rank (`lora_rank`), so its adapters cannot be read."
        raise InvalidInput(message, code="bad_settings")
    tensors = family.renames.import_(checkpoint.tensors)
    expected = layout(family)
    for name, tensor in tensors.items():
        wanted = _adapter_shape(name, expected, checkpoint) if _is_adapter(name) else expected.get(name)
        if tuple(tensor.shape) != wanted:
            theirs = family.renames.to_published(name)
            raise InvalidInput(
                f"'{theirs}' has shape {tuple(tensor.shape)}, but {identity.version} wants {wanted}.",
                code="wrong_shape",
            )
    return tensors


def missing(identity: Identity, family: Family, tensors: Mapping[str, Tensor]) -> list[str]:
    """Published names of tensors that the model needs to speak and a state lacks.

    A LoRA file may be partial, but holds both halves of each of its adapters.
    """
    if identity.lora:
        halves = {_other_half(name) for name in tensors if _is_adapter(name)}
        return [family.renames.to_published(name) for name in sorted(halves - tensors.keys())]
    needed = [name for name in layout(family) if not name.startswith(POSTERIOR)]
    return [family.renames.to_published(name) for name in needed if name not in tensors]


def speaking_model(family: Family, tensors: Mapping[str, Tensor]) -> nn.Module:
    """A model for inference: weight normalisation folded, float32, no posterior, no gradients."""
    model = silent_model(family)
    _load(model, {name: tensor for name, tensor in tensors.items() if not name.startswith(POSTERIOR)})
    return model.requires_grad_(False)


def partial_model(family: Family, tensors: Mapping[str, Tensor], parts: Iterable[str]) -> nn.Module:
    """The same with the numbers of some parts alone: the others take no memory and cannot be run."""
    model = silent_model(family)
    for part in parts:
        below = f"{part}."
        own = {name.removeprefix(below): t for name, t in tensors.items() if name.startswith(below)}
        _load(model.get_submodule(part), own)
    return model.requires_grad_(False)


def _load(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    state = fold(tensors)
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()}, assign=True)


def silent_model(family: Family) -> nn.Module:
    """The model for inference before it has weights."""
    with torch.device("meta"):
        model = family.build(False)
    return model.eval()


def _s1(identity: Identity, settings: Mapping[str, Any]) -> Family:
    preset = s1_config.v1() if identity.version == "v1" else s1_config.v2()
    section = settings.get("model")
    if isinstance(section, Mapping):
        try:
            preset = replace(s1_legacy.config_from(section), symbols=preset.symbols)
        except (KeyError, TypeError) as error:
            raise InvalidInput(
                f"The s1 file's settings are incomplete: {error}.", code="bad_settings"
            ) from error
    sizes = (preset.codes, preset.width, preset.heads, preset.layers)
    if not all(0 < size <= LARGEST for size in sizes) or preset.width % preset.heads:
        raise InvalidInput(f"The s1 file asks for impossible sizes {sizes}.", code="bad_settings")
    return Family("s1", preset, s1_legacy.RENAMES, lambda training: s1_factory.build(preset))


def _is_adapter(name: str) -> bool:
    return name.endswith((".down", ".up"))


def _other_half(name: str) -> str:
    stem, side = name.rsplit(".", 1)
    return f"{stem}.{'up' if side == 'down' else 'down'}"


def _adapter_shape(
    name: str, expected: Mapping[str, tuple[int, ...]], checkpoint: Checkpoint
) -> tuple[int, ...] | None:
    stem, side = name.rsplit(".", 1)
    full, rank = expected.get(f"{stem}.weight"), checkpoint.lora_rank
    if full is None or rank is None:
        return None
    return (rank, full[1]) if side == "down" else (full[0], rank)
