"""Gated convolution stack with global conditioning (van den Oord et al. 2016, as in WaveGlow and VITS).

Legend: B batch, C channels, T frames, G channels of the global condition.
"""

import torch
from torch import Tensor, nn

from yinse.engine.models.layers.published.encoder import masked
from yinse.engine.models.layers.published.weight_norm import normed


class WaveNet(nn.Module):
    """Sum of the skip outputs of gated layers: (B, C, T) -> (B, C, T)."""

    def __init__(
        self, channels: int, kernel: int, depth: int, *, condition: int, weight_norm: bool = False
    ) -> None:
        super().__init__()
        self.channels = channels
        self.condition = normed(nn.Conv1d(condition, 2 * channels * depth, 1), weight_norm)
        self.gates = nn.ModuleList(
            normed(nn.Conv1d(channels, 2 * channels, kernel, padding=kernel // 2), weight_norm)
            for _ in range(depth)
        )
        widths = [2 * channels] * (depth - 1) + [channels]
        self.mixers = nn.ModuleList(normed(nn.Conv1d(channels, width, 1), weight_norm) for width in widths)

    def forward(self, x_BCT: Tensor, condition_BG1: Tensor, mask_B1T: Tensor | None = None) -> Tensor:
        """Run all layers; the condition may also vary over time, (B, G, T)."""
        total = torch.zeros_like(x_BCT)
        shifts = self.condition(condition_BG1).chunk(len(self.gates), 1)
        for gate, mix, shift in zip(self.gates, self.mixers, shifts, strict=True):
            signal, control = (gate(x_BCT) + shift).chunk(2, 1)
            mixed = mix(torch.tanh(signal) * torch.sigmoid(control))
            if mixed.shape[1] > self.channels:
                residual, mixed = mixed.chunk(2, 1)
                x_BCT = masked(x_BCT + residual, mask_B1T)
            total = total + mixed
        return masked(total, mask_B1T)
