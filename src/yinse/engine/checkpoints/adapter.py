"""Fine-tuned weights of one voice: low-rank updates (LoRA, Hu et al. 2021) that are merged when loaded."""

from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from yinse.contracts.errors import CorruptFile
from yinse.engine.checkpoints.base import BaseModels

FORMAT: Final = "yinse-adapter/1"
DOWN, UP = ".lora_down", ".lora_up"


def save_adapter(path: Path, updates: dict[str, Tensor], revision: str) -> None:
    """Write low-rank factors and full tensors by their place in the models, whole or not at all."""
    partial = path.with_suffix(".partial")
    halved = {name: value.detach().half().contiguous() for name, value in updates.items()}
    save_file(halved, partial, {"format": FORMAT, "revision": revision})
    partial.replace(path)


def apply_adapter(models: BaseModels, path: Path) -> None:
    """Add a voice's updates to freshly loaded models, in place; never to models that other voices share."""
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            updates = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CorruptFile(f"{path.name} is damaged: {error}") from error
    if header.get("format") != FORMAT:
        raise CorruptFile(f"{path.name} holds no fine-tuned voice")
    if header["revision"] != models.revision:
        raise CorruptFile("this voice was fine-tuned on other weights; adapt it again")
    roots: dict[str, nn.Module] = {
        "acoustic": models.acoustic,
        "decoder": models.decoder,
        "semantic": models.semantic,
    }
    with torch.no_grad():
        for name, value in updates.items():
            if name.endswith(DOWN):
                place = name.removesuffix(DOWN)
                parameter(roots, place).add_(updates[place + UP] @ value)
            elif not name.endswith(UP):
                parameter(roots, name).copy_(value)


def parameter(roots: dict[str, nn.Module], name: str) -> Tensor:
    """The parameter `part.path.to.weight`; `CorruptFile` if there is none."""
    part, _, path = name.partition(".")
    try:
        return roots[part].get_parameter(path)
    except (KeyError, AttributeError) as error:
        raise CorruptFile(f"the fine-tuned voice updates {name}, which these weights do not have") from error
