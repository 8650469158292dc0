"""Linear layers whose weights lie in memory in 8 bits, a quarter of float32. Every row of a weight has one scale.

They are multiplied as if they were not: the numbers are widened on the way, which costs little beside a product of many
rows. Legend: I inputs, O outputs.
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LARGEST: Final = 127
"""Largest weight; the range is symmetric, so that a weight of zero stays zero."""
WIDENED: Final = 2**19
"""Weights that are widened at once: more of them would leave the caches before they are multiplied."""


class Int8Stored(nn.Module):
    """A linear layer for inference that multiplies in `dtype`: (..., I) -> (..., O) in the type of its inputs."""

    weight_OI: Tensor
    scale_O: Tensor
    bias: Tensor | None

    def __init__(self, linear: nn.Linear, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        weight_OI, scale_O = rounded(linear.weight.detach().float())
        self.register_buffer("weight_OI", weight_OI.to(torch.int8))
        self.register_buffer("scale_O", scale_O)
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().float())

    def forward(self, x: Tensor) -> Tensor:
        """Multiply by whole numbers, scale, and add the bias."""
        x_cast, rows = x.to(self.dtype), max(1, WIDENED // self.weight_OI.shape[1])
        parts = [F.linear(x_cast, part_OI.to(self.dtype)) for part_OI in torch.split(self.weight_OI, rows)]
        product = torch.cat(parts, -1) * self.scale_O
        return (product if self.bias is None else product + self.bias).to(x.dtype)


def rounded(weight_OI: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers in -127..127 and a scale for each row: (O, I), (O,), both float32."""
    largest_O = torch.linalg.vector_norm(weight_OI, torch.inf, 1)
    scale_O = largest_O.clamp_min(torch.finfo(torch.float32).tiny) / LARGEST
    return (weight_OI / scale_O[:, None]).round_().clamp_(-LARGEST, LARGEST), scale_O


def store_int8(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Keep the weights of every linear layer inside a module in 8 bits; returns the module."""
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, Int8Stored(child, dtype))
        else:
            store_int8(child, dtype)
    return module
