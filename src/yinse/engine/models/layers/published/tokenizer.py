"""Content features to discrete tokens and back: a strided projection and one nearest-neighbour codebook.

van den Oord et al. 2017 (vector quantisation). Legend: B batch, C feature channels, F feature frames (50 Hz),
T tokens (25 Hz), N codes.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Codebook(nn.Module):
    """`codes` vectors of `width` channels. The statistics are kept so that a file survives a round trip."""

    initialised: Tensor
    usage: Tensor
    vectors: Tensor
    sums: Tensor

    def __init__(self, codes: int, width: int) -> None:
        super().__init__()
        self.register_buffer("initialised", torch.ones(1))
        self.register_buffer("usage", torch.ones(codes))
        self.register_buffer("vectors", torch.randn(codes, width))
        self.register_buffer("sums", torch.zeros(codes, width))

    def forward(self, x_BCT: Tensor) -> Tensor:
        """Nearest codes by squared distance: (B, C, T) -> (B, T)."""
        x_BTC = x_BCT.transpose(1, 2)
        distance_BTN = self.vectors.square().sum(1) - 2 * (x_BTC @ self.vectors.t())
        return distance_BTN.argmin(-1)


class ContentTokenizer(nn.Module):
    """HuBERT features at 50 Hz to tokens at 25 Hz, and tokens to the vectors they stand for."""

    def __init__(self, channels: int = 768, codes: int = 1024) -> None:
        super().__init__()
        self.projection = nn.Conv1d(channels, channels, 2, stride=2)
        self.codebook = Codebook(codes, channels)

    def forward(self, features_BCF: Tensor) -> Tensor:
        """Features to tokens: (B, C, F) -> (B, F // 2)."""
        tokens: Tensor = self.codebook(self.projection(features_BCF))
        return tokens

    def embed(self, tokens_BT: Tensor) -> Tensor:
        """Tokens to vectors: (B, T) -> (B, C, T)."""
        return F.embedding(tokens_BT, self.codebook.vectors).transpose(1, 2)
