"""Low-rank adaptation (Hu et al. 2021) of the linear layers of any module, without changing its class."""

import math

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from yinse.engine.checkpoints.adapter import DOWN, UP


class LowRank(nn.Module):
    """Adds `up @ down` to a frozen weight; starts as no change at all."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        out, into = weight.shape
        self.down = nn.Parameter(torch.randn(rank, into) / math.sqrt(into))
        self.up = nn.Parameter(torch.zeros(out, rank))

    def forward(self, weight: Tensor) -> Tensor:
        """(out, in) -> (out, in)."""
        return weight + self.up @ self.down


def inject(module: nn.Module, rank: int) -> int:
    """Freeze a module and put a low-rank update on every linear layer in it; returns how many."""
    module.requires_grad_(False)
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    for layer in layers:
        fitting = min(rank, *layer.weight.shape)
        parametrize.register_parametrization(layer, "weight", LowRank(layer.weight, fitting))
    return len(layers)


def updates(module: nn.Module, name: str) -> dict[str, Tensor]:
    """The factors of all low-rank updates of a module, by the place of the weight they change."""
    found: dict[str, Tensor] = {}
    for path, layer in module.named_modules():
        if isinstance(layer, nn.Linear) and parametrize.is_parametrized(layer, "weight"):
            low_rank = layer.get_submodule("parametrizations.weight.0")
            assert isinstance(low_rank, LowRank)
            place = f"{name}.{path}.weight"
            found |= {place + DOWN: low_rank.down.detach(), place + UP: low_rank.up.detach()}
    return found
