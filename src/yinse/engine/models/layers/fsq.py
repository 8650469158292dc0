"""Finite scalar quantisation (Mentzer et al. 2023): channels rounded to few levels, no codebook to collapse.

Legend: B batch, T frames, L quantised channels.
"""

import math

import torch
from torch import Tensor, nn


class FiniteScalarQuantizer(nn.Module):
    """Rounds L bounded channels to `levels[i]` values each; the product of the levels is the vocabulary."""

    levels_L: Tensor
    strides_L: Tensor

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.vocabulary = math.prod(levels)
        strides = [math.prod(levels[:index]) for index in range(len(levels))]
        self.register_buffer("levels_L", torch.tensor(levels), persistent=False)
        self.register_buffer("strides_L", torch.tensor(strides), persistent=False)

    def forward(self, x_BTL: Tensor) -> tuple[Tensor, Tensor]:
        """Quantise: returns values in -1..1 (gradient passes straight through) and token ids (B, T)."""
        half = (self.levels_L - 1) / 2
        shifted = (torch.tanh(x_BTL.float()) + 1) * half
        digits = shifted.round()
        tokens = (digits.long() * self.strides_L).sum(-1)
        straight = shifted + (digits - shifted).detach()
        return straight / half - 1, tokens

    def values(self, tokens_BT: Tensor) -> Tensor:
        """Token ids back to quantised channels: (B, T) -> (B, T, L)."""
        digits = (tokens_BT[..., None] // self.strides_L) % self.levels_L
        return digits / ((self.levels_L - 1) / 2) - 1
