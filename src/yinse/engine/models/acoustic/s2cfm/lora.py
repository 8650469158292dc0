"""Low-rank adapters (Hu et al. 2021): train two thin matrices beside a frozen layer, or merge them into it.

Legend: R rank, I inputs, O outputs.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

_DOWN, _UP = ".down", ".up"


class LoraLinear(nn.Module):
    """A frozen linear layer and its adapter: x -> W x + b + scale * up (down x)."""

    def __init__(self, base: nn.Linear, rank: int, *, scale: float = 1.0) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = nn.Parameter(torch.empty(rank, base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = scale
        nn.init.kaiming_uniform_(self.down, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Apply both."""
        out: Tensor = self.base(x) + (x @ self.down.t() @ self.up.t()) * self.scale
        return out


def merge(
    base: Mapping[str, Tensor], adapted: Mapping[str, Tensor], *, scale: float = 1.0
) -> dict[str, Tensor]:
    """A full state with a LoRA file folded in.

    Full tensors of `adapted` replace those of `base`; each pair `X.down` (R, I), `X.up` (O, R) is added to
    `X.weight` (O, I) in float32.
    """
    merged = dict(base)
    for name, tensor in adapted.items():
        if name.endswith(_DOWN):
            stem = name.removesuffix(_DOWN)
            delta = adapted[stem + _UP].float() @ tensor.float()
            merged[f"{stem}.weight"] = base[f"{stem}.weight"].float() + scale * delta
        elif not name.endswith(_UP):
            merged[name] = tensor
    return merged
