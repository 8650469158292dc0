"""Low-rank adaptation (Hu et al. 2021) of the linear layers of any module, without changing its class.

The update runs beside the frozen layer, so that no gradient of the whole weight is ever computed.
"""

import math

import torch
from torch import Tensor, nn

from yinse.engine.checkpoints.adapter import DOWN, UP

BESIDE = "low_rank"


class LowRank(nn.Module):
    """What is added to a frozen layer's output: `up (down x)`; starts as nothing at all."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        out, into = weight.shape
        self.down = nn.Parameter(torch.randn(rank, into) / math.sqrt(into))
        self.up = nn.Parameter(torch.zeros(out, rank))

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        return nn.functional.linear(nn.functional.linear(x, self.down), self.up)


def inject(module: nn.Module, rank: int) -> int:
    """Freeze a module and put a low-rank update beside every linear layer in it; returns how many."""
    module.requires_grad_(False)
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    for layer in layers:
        fitting = min(rank, *layer.weight.shape)
        layer.add_module(BESIDE, LowRank(layer.weight, fitting))
        layer.register_forward_hook(_add)
    return len(layers)


def _add(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    update: Tensor = layer.get_submodule(BESIDE)(inputs[0])
    return output + update


def updates(module: nn.Module, name: str) -> dict[str, Tensor]:
    """The factors of all low-rank updates of a module, by the place of the weight they change."""
    found: dict[str, Tensor] = {}
    for path, layer in module.named_modules():
        if isinstance(layer, LowRank):
            place = f"{name}.{path.removesuffix(BESIDE)}weight"
            found |= {place + DOWN: layer.down.detach(), place + UP: layer.up.detach()}
    return found
