"""Fine-tuned weights of one voice: low-rank updates (LoRA, Hu et al. 2021) that are merged when loaded."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from yinse.contracts.errors import CorruptFile
from yinse.engine.audio.files import write_atomic
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.checkpoints.metadata import digest_of, metadata_of

FORMAT: Final = "yinse-adapter/1"
DOWN, UP = ".lora_down", ".lora_up"


def save_adapter(path: Path, updates: dict[str, Tensor], revision: str) -> None:
    """Write low-rank factors and full tensors by their place in the models, whole or not at all (`StorageFull`)."""
    halved = {name: value.detach().half().contiguous() for name, value in updates.items()}
    header = {"format": FORMAT, "revision": revision}
    header["sha256"] = digest_of(save_tensors(halved, header))
    write_atomic(path, save_tensors(halved, header))


def adapted(models: BaseModels, adapter: bytes) -> BaseModels:
    """Models with a voice's updates; parts that no voice changes are shared with `models`, which stay as they are."""
    own = replace(
        models,
        acoustic=deepcopy(models.acoustic),
        decoder=deepcopy(models.decoder),
        semantic=deepcopy(models.semantic),
    )
    _apply(own, adapter, "the adapter")
    return own


def apply_adapter(models: BaseModels, path: Path) -> None:
    """Add a voice's updates to freshly loaded models, in place; never to models that other voices share."""
    _apply(models, path.read_bytes(), path.name)


def _apply(models: BaseModels, data: bytes, name: str) -> None:
    try:
        updates = {place: value.float() for place, value in load_tensors(data).items()}
        header = metadata_of(data)
    except (SafetensorError, ValueError) as error:
        raise CorruptFile(f"{name} is damaged: {error}") from error
    if header.get("format") != FORMAT:
        raise CorruptFile(f"{name} holds no fine-tuned voice")
    if header.get("sha256", digest := digest_of(data)) != digest:
        raise CorruptFile(f"{name} is damaged: its content is not what was written")
    if header.get("revision") != models.revision:
        raise CorruptFile("this voice was fine-tuned on other weights; adapt it again")
    roots: dict[str, nn.Module] = {
        "acoustic": models.acoustic,
        "decoder": models.decoder,
        "semantic": models.semantic,
    }
    with torch.no_grad():
        try:
            for place, value in updates.items():
                if place.endswith(DOWN):
                    changed = place.removesuffix(DOWN)
                    weight = parameter(roots, changed)
                    # In half precision, as the bundle's own: whoever computes with halves has the same numbers.
                    weight.copy_((weight + updates[changed + UP] @ value).half())
                elif not place.endswith(UP):
                    parameter(roots, place).copy_(value)
        except (KeyError, RuntimeError) as error:
            raise CorruptFile(f"{name} is damaged: its updates do not fit these weights") from error


def parameter(roots: dict[str, nn.Module], name: str) -> Tensor:
    """The parameter `part.path.to.weight`; `CorruptFile` if there is none."""
    part, _, path = name.partition(".")
    try:
        return roots[part].get_parameter(path)
    except (KeyError, AttributeError) as error:
        raise CorruptFile(f"the fine-tuned voice updates {name}, which these weights do not have") from error
