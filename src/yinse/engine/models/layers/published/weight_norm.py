"""Weight normalisation (Salimans & Kingma 2016): there for training, folded away for inference."""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm as parametrize

Layer = TypeVar("Layer", bound=nn.Module)

_GAIN = ".parametrizations.weight.original0"
_DIRECTION = ".parametrizations.weight.original1"


def normed(layer: Layer, enabled: bool) -> Layer:
    """Give a layer weight normalisation over all dimensions but the first, when enabled."""
    return parametrize(layer) if enabled else layer


def fold(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Replace every gain and direction of a state by the weight they stand for, computed in float32."""
    folded = {}
    for name, tensor in state.items():
        if name.endswith(_GAIN):
            stem = name.removesuffix(_GAIN)
            direction = state[stem + _DIRECTION]
            weight = torch._weight_norm(direction.float(), tensor.float(), 0)
            folded[stem + ".weight"] = weight
        elif not name.endswith(_DIRECTION):
            folded[name] = tensor
    return folded
