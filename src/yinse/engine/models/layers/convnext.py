"""ConvNeXt blocks in one dimension (Liu et al. 2022; for speech: Siuzdak 2023, Vocos).

Legend: B batch, C channels, T frames, H hidden channels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.streaming import ConvState, StreamConv1d, delay


@dataclass(frozen=True, slots=True)
class BlockState:
    """What a block keeps between pieces: the convolution's history and the residual not yet answered."""

    conv: ConvState
    residual: ConvState


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution, then a two-layer perceptron at every frame, with a scaled residual."""

    def __init__(
        self, channels: int, hidden: int, *, kernel: int = 7, scale: float = 0.1, condition: int = 0
    ) -> None:
        super().__init__()
        self.depthwise = StreamConv1d(channels, channels, kernel, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.expand = nn.Linear(channels, hidden)
        self.project = nn.Linear(hidden, channels)
        self.scale = nn.Parameter(torch.full((channels,), scale))
        self.modulate = nn.Linear(condition, 2 * channels) if condition else None
        if self.modulate is not None:
            nn.init.zeros_(self.modulate.weight)
            nn.init.zeros_(self.modulate.bias)

    def forward(self, x_BCT: Tensor, condition_BG: Tensor | None = None) -> Tensor:
        """Whole sequence: (B, C, T) -> (B, C, T); `condition_BG` shifts and scales the normalised frames."""
        return x_BCT + self._pointwise(self.depthwise(x_BCT), condition_BG)

    def stream(
        self, x_BCT: Tensor, state: BlockState | None, condition_BG: Tensor | None = None, *, last: bool
    ) -> tuple[Tensor, BlockState]:
        """Feed a piece; the output lags by the kernel's reach until `last`."""
        mixed, conv = self.depthwise.stream(x_BCT, None if state is None else state.conv, last=last)
        held, residual = delay(x_BCT, None if state is None else state.residual, mixed.shape[2])
        out = held + self._pointwise(mixed, condition_BG) if mixed.shape[2] else held
        return out, BlockState(conv, residual)

    def _pointwise(self, x_BCT: Tensor, condition_BG: Tensor | None) -> Tensor:
        x_BTC = self.norm(x_BCT.transpose(1, 2))
        if self.modulate is not None and condition_BG is not None:
            shift, gain = self.modulate(condition_BG)[:, None].chunk(2, -1)
            x_BTC = x_BTC * (1 + gain) + shift
        out_BTC: Tensor = self.project(F.gelu(self.expand(x_BTC))) * self.scale
        return out_BTC.transpose(1, 2)


class ConvNeXtStack(nn.Module):
    """Blocks in a row, whole or in pieces."""

    def __init__(
        self, channels: int, hidden: int, depth: int, *, kernel: int = 7, condition: int = 0
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(channels, hidden, kernel=kernel, scale=1 / depth, condition=condition)
            for _ in range(depth)
        )

    def forward(self, x_BCT: Tensor, condition_BG: Tensor | None = None) -> Tensor:
        """Whole sequence: (B, C, T) -> (B, C, T)."""
        for block in self.blocks:
            x_BCT = block(x_BCT, condition_BG)
        return x_BCT

    def stream(
        self,
        x_BCT: Tensor,
        state: tuple[BlockState, ...] | None,
        condition_BG: Tensor | None = None,
        *,
        last: bool,
    ) -> tuple[Tensor, tuple[BlockState, ...]]:
        """Feed a piece; the output lags by the sum of the blocks' reaches until `last`."""
        states = []
        for index, block in enumerate(self.blocks):
            assert isinstance(block, ConvNeXtBlock)
            x_BCT, new = block.stream(x_BCT, state[index] if state else None, condition_BG, last=last)
            states.append(new)
        return x_BCT, tuple(states)
