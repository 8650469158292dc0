"""Linear layers with 8-bit weights: a quarter of the memory, and of the memory traffic that bounds decoding.

Weights have one scale an output row. `Int8Linear` quantises its inputs as they come, with one scale a call; its arithmetic
is that of Jacob et al. 2018 (integer-arithmetic-only inference), the kernels are torch's own for the CPU. `Int8Stored`
only keeps its weights so and multiplies as if they were not: for models that are used seldom but lie in memory all the time.
Legend: I inputs, O outputs.
"""

import warnings
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LARGEST: Final = 127
"""Largest weight; the range is symmetric, so that a weight of zero stays zero."""


class Int8Linear(nn.Module):
    """A linear layer for inference on the CPU: (B, ..., I) -> (B, ..., O) in float32."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.packed = pack(linear)
        # Without VNNI two products are added in 16 bits and may overflow; inputs of seven bits cannot.
        self.narrow = not torch.cpu._is_vnni_supported()

    def forward(self, x: Tensor) -> Tensor:
        """Multiply and add the bias."""
        product: Tensor = torch.ops.quantized.linear_dynamic(x, self.packed, self.narrow)
        return product

    def extra_repr(self) -> str:
        """Sizes, as of other linear layers."""
        return f"in_features={self.in_features}, out_features={self.out_features}"


class Int8Stored(nn.Module):
    """A linear layer that keeps 8-bit weights and multiplies in `dtype`: (..., I) -> (..., O) in that type."""

    weight_OI: Tensor
    scale_O: Tensor
    bias: Tensor | None

    def __init__(self, linear: nn.Linear, dtype: torch.dtype) -> None:
        super().__init__()
        weight_OI, scale_O = rounded(linear.weight.detach().float())
        self.register_buffer("weight_OI", weight_OI.to(torch.int8))
        self.register_buffer("scale_O", scale_O.to(dtype))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().to(dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Multiply by whole numbers, scale, and add the bias."""
        product = F.linear(x.to(self.scale_O.dtype), self.weight_OI.to(self.scale_O.dtype)) * self.scale_O
        return product if self.bias is None else product + self.bias


def rounded(weight_OI: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers in -127..127 and a scale for each row: (O, I), (O,), both float32."""
    largest_O = torch.linalg.vector_norm(weight_OI, torch.inf, 1)
    scale_O = largest_O.clamp_min(torch.finfo(torch.float32).tiny) / LARGEST
    return (weight_OI / scale_O[:, None]).round_().clamp_(-LARGEST, LARGEST), scale_O


@torch.no_grad()
def pack(linear: nn.Linear) -> Any:
    """Quantise the weights of a layer and lay them out for the machine."""
    weight_OI, scale_O = rounded(linear.weight.float())
    zeros_O = torch.zeros(len(scale_O), dtype=torch.int64)
    with warnings.catch_warnings():
        # The kernels stay, but their weights must still pass through a tensor type that is on its way out.
        warnings.filterwarnings("ignore", ".*quantized tensor creation functions.*deprecated", UserWarning)
        quantised = torch._make_per_channel_quantized_tensor(
            weight_OI.to(torch.int8), scale_O.double(), zeros_O, 0
        )
    bias_O = None if linear.bias is None else linear.bias.float()
    return torch.ops.quantized.linear_prepack(quantised, bias_O)


def to_int8(module: nn.Module, *, smallest: int = 0) -> nn.Module:
    """Replace every linear layer inside a module that has more than `smallest` weights; returns the module."""
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            if child.weight.numel() > smallest:
                setattr(module, name, Int8Linear(child))
        else:
            to_int8(child, smallest=smallest)
    return module


def store_int8(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Keep the weights of every linear layer inside a module in 8 bits; returns the module."""
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, Int8Stored(child, dtype))
        else:
            store_int8(child, dtype)
    return module
