"""HiFi-GAN generator (Kong et al. 2020).

Legend: B batch, C channels, T frames, N samples, G channels of the global condition.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.published.weight_norm import normed
from yinse.engine.models.layers.published.windowed import WindowState, stream_windowed


class ResidualBlock(nn.Module):
    """Pairs of a dilated and a plain convolution, each pair added back: (B, C, T) -> (B, C, T)."""

    def __init__(
        self, channels: int, kernel: int, dilations: Sequence[int], *, slope: float, weight_norm: bool
    ) -> None:
        super().__init__()
        self.slope = slope
        self.reach = (kernel - 1) // 2 * (sum(dilations) + len(dilations))

        def conv(dilation: int) -> nn.Conv1d:
            padding = (kernel - 1) // 2 * dilation
            return normed(
                nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=padding), weight_norm
            )

        self.dilated = nn.ModuleList(conv(dilation) for dilation in dilations)
        self.plain = nn.ModuleList(conv(1) for _ in dilations)

    def forward(self, x_BCT: Tensor) -> Tensor:
        """Refine."""
        for dilated, plain in zip(self.dilated, self.plain, strict=True):
            hidden = dilated(F.leaky_relu(x_BCT, self.slope))
            x_BCT = x_BCT + plain(F.leaky_relu_(hidden, self.slope))
        return x_BCT


class Stage(nn.Module):
    """Upsample, then the mean of residual blocks: (B, C, T) -> (B, C / 2, T * rate)."""

    def __init__(
        self, upsample: nn.ConvTranspose1d, blocks: Sequence[ResidualBlock], *, slope: float
    ) -> None:
        super().__init__()
        self.upsample = upsample
        self.blocks = nn.ModuleList(blocks)
        self.slope = slope

    def forward(self, x_BCT: Tensor) -> Tensor:
        """One stage."""
        x_BCT = self.upsample(F.leaky_relu(x_BCT, self.slope))
        total: Tensor = self.blocks[0](x_BCT)
        for block in self.blocks[1:]:
            total = total + block(x_BCT)
        return total / len(self.blocks)

    @property
    def rate(self) -> int:
        """Output frames per input frame."""
        return int(self.upsample.stride[0])

    @property
    def refining(self) -> int:
        """Output frames that the residual blocks see on either side."""
        return max(block.reach for block in self.blocks if isinstance(block, ResidualBlock))

    @property
    def reach(self) -> float:
        """Input frames that an output sees on either side."""
        return (self.upsample.kernel_size[0] / 2 + self.refining) / self.rate


class HifiganGenerator(nn.Module):
    """Frames to samples in -1..1: (B, C, T) -> (B, 1, T * hop)."""

    def __init__(
        self,
        enter: nn.Conv1d,
        stages: Sequence[Stage],
        leave: nn.Conv1d,
        *,
        condition: nn.Conv1d | None = None,
        final_slope: float = 0.01,
    ) -> None:
        super().__init__()
        self.enter = enter
        self.stages = nn.ModuleList(stages)
        self.leave = leave
        self.condition = condition
        self.final_slope = final_slope
        self.hop = math.prod(stage.rate for stage in stages)
        self.reach = _reach(enter, stages, leave)
        """Input frames that a sample depends on, on either side."""

    def forward(self, x_BCT: Tensor, condition_BG1: Tensor | None = None) -> Tensor:
        """Whole sequence."""
        x_BCT = self.enter(x_BCT)
        if self.condition is not None and condition_BG1 is not None:
            x_BCT = x_BCT + self.condition(condition_BG1)
        for stage in self.stages:
            x_BCT = stage(x_BCT)
        return torch.tanh(self.leave(F.leaky_relu(x_BCT, self.final_slope)))

    def between(self, x_BCT: Tensor, first: int, last: int, condition_BG1: Tensor | None = None) -> Tensor:
        """The samples that `forward` gives for the frames `first` to `last`: (B, 1, (last - first) * hop)."""
        start = max(0, first - self.reach)
        samples: Tensor = self(x_BCT[:, :, start : last + self.reach], condition_BG1)
        return samples[:, :, (first - start) * self.hop : (last - start) * self.hop]

    def stream(
        self,
        x_BCT: Tensor,
        state: WindowState | None,
        condition_BG1: Tensor | None = None,
        *,
        last: bool,
    ) -> tuple[Tensor, WindowState]:
        """Feed a piece; samples lag `reach` frames behind until `last`. Concatenated they equal `forward`."""
        return stream_windowed(
            lambda known, first, end: self.between(known, first, end, condition_BG1),
            x_BCT,
            state,
            reach=self.reach,
            last=last,
        )


def _reach(enter: nn.Conv1d, stages: Sequence[Stage], leave: nn.Conv1d) -> int:
    frames, scale = float(enter.kernel_size[0] // 2), 1
    for stage in stages:
        frames += stage.reach / scale
        scale *= stage.rate
    return math.ceil(frames + (leave.kernel_size[0] // 2) / scale) + 1
