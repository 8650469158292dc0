"""ERes2NetV2 (Chen et al. 2024): residual blocks with hierarchical branches, fused by attention.

Legend: B batch, C channels, F frequency rows, T frames, V channels of the embedding.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CEILING = 20.0
"""The rectifiers inside blocks also clip from above."""


def clipped(x: Tensor) -> Tensor:
    """Rectify and clip."""
    return F.hardtanh(x, 0.0, CEILING)


class AttentionalFusion(nn.Module):
    """Weigh two maps against each other (Dai et al. 2021): 2 x (B, C, F, T) -> (B, C, F, T)."""

    def __init__(self, channels: int, *, reduction: int = 4) -> None:
        super().__init__()
        hidden = channels // reduction
        self.squeeze = nn.Conv2d(2 * channels, hidden, 1)
        self.squeeze_norm = nn.BatchNorm2d(hidden)
        self.expand = nn.Conv2d(hidden, channels, 1)
        self.expand_norm = nn.BatchNorm2d(channels)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Fuse."""
        hidden = F.silu(self.squeeze_norm(self.squeeze(torch.cat([left, right], 1))))
        weight = torch.tanh(self.expand_norm(self.expand(hidden)))
        return left * (1 + weight) + right * (1 - weight)


class Shortcut(nn.Module):
    """Bring a block's input to the shape of its output."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x_BCFT: Tensor) -> Tensor:
        """Project."""
        projected: Tensor = self.norm(self.conv(x_BCFT))
        return projected


class HierarchicalBlock(nn.Module):
    """Branches that each see the one before, between two pointwise convolutions, added to the input."""

    def __init__(
        self,
        inputs: int,
        width: int,
        outputs: int,
        *,
        scale: int,
        stride: int,
        fusions: Sequence[AttentionalFusion],
    ) -> None:
        super().__init__()
        self.enter = nn.Conv2d(inputs, width * scale, 1, stride=stride, bias=False)
        self.enter_norm = nn.BatchNorm2d(width * scale)
        self.branches = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(scale))
        self.branch_norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(scale))
        self.fusions = nn.ModuleList(fusions)
        self.leave = nn.Conv2d(width * scale, outputs, 1, bias=False)
        self.leave_norm = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = None if same else Shortcut(inputs, outputs, stride)

    def forward(self, x_BCFT: Tensor) -> Tensor:
        """One block."""
        parts = clipped(self.enter_norm(self.enter(x_BCFT))).chunk(len(self.branches), 1)
        outputs: list[Tensor] = []
        for index, (conv, norm) in enumerate(zip(self.branches, self.branch_norms, strict=True)):
            part = self._joined(index, parts[index], outputs)
            outputs.append(clipped(norm(conv(part))))
        mixed = self.leave_norm(self.leave(torch.cat(outputs, 1)))
        return clipped(mixed + (x_BCFT if self.shortcut is None else self.shortcut(x_BCFT)))

    def _joined(self, index: int, part: Tensor, before: list[Tensor]) -> Tensor:
        if index == 0:
            return part
        if not self.fusions:
            return before[-1] + part
        fused: Tensor = self.fusions[index - 1](before[-1], part)
        return fused


class Eres2NetV2(nn.Module):
    """Filter bank to an embedding: (B, T, F) -> (B, V)."""

    def __init__(
        self,
        *,
        stem: nn.Conv2d,
        stem_norm: nn.BatchNorm2d,
        stages: Sequence[nn.Sequential],
        downsample: nn.Conv2d,
        fusion: AttentionalFusion,
        head: nn.Linear,
    ) -> None:
        super().__init__()
        self.stem = stem
        self.stem_norm = stem_norm
        self.stages = nn.ModuleList(stages)
        self.downsample = downsample
        self.fusion = fusion
        self.head = head
        """Travels in every file; the published pipeline stops before it."""

    def forward(self, bank_BTF: Tensor) -> Tensor:
        """Mean over time of the last fused map, rows flattened; not length-normalised."""
        x_BCFT = F.relu(self.stem_norm(self.stem(bank_BTF.transpose(1, 2)[:, None])))
        maps = []
        for stage in self.stages:
            x_BCFT = stage(x_BCFT)
            maps.append(x_BCFT)
        fused: Tensor = self.fusion(maps[3], self.downsample(maps[2]))
        return fused.flatten(1, 2).mean(-1)
