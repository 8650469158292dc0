"""Reference encoder: a spectrogram to one style vector (Min et al. 2021, Meta-StyleSpeech).

Legend: B batch, K frequency bins, F frames, C channels, G style channels, H heads, D channels of a head.
"""

import math

from torch import Tensor, nn
from torch.nn import functional as F


class GatedConv(nn.Module):
    """Gated linear unit over a few frames, added to its input: (B, C, F) -> (B, C, F)."""

    def __init__(self, channels: int, kernel: int, *, dropout: float) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, 2 * channels, kernel, padding=kernel // 2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BCF: Tensor) -> Tensor:
        """Convolve, gate, add."""
        out: Tensor = x_BCF + self.dropout(F.glu(self.conv(x_BCF), 1))
        return out


class StyleAttention(nn.Module):
    """Self attention tempered by the root of the full width, not of one head: (B, F, C) -> (B, F, C)."""

    def __init__(self, channels: int, heads: int, *, dropout: float) -> None:
        super().__init__()
        self.heads, self.temperature = heads, math.sqrt(channels)
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.output = nn.Linear(channels, channels)
        self.dropout = dropout

    def forward(self, x_BFC: Tensor, seen_BF: Tensor | None) -> Tensor:
        """Attend over the frames that are seen, add to the input."""
        q_BHFD, k_BHFD, v_BHFD = (
            project(x_BFC).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for project in (self.query, self.key, self.value)
        )
        mask = None if seen_BF is None else seen_BF[:, None, None]
        dropout = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(
            q_BHFD, k_BHFD, v_BHFD, mask, dropout, scale=1 / self.temperature
        )
        projected = F.dropout(self.output(mixed.transpose(1, 2).flatten(2)), self.dropout, self.training)
        return projected + x_BFC


class StyleEncoder(nn.Module):
    """A linear spectrogram to a style vector: (B, K, F) -> (B, G, 1). Bins above `bins` are not heard."""

    def __init__(
        self,
        bins: int,
        style: int,
        *,
        channels: int = 128,
        kernel: int = 5,
        heads: int = 2,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.bins = bins
        self.enter = nn.Linear(bins, channels)
        self.mix = nn.Linear(channels, channels)
        self.temporal = nn.Sequential(*(GatedConv(channels, kernel, dropout=dropout) for _ in range(2)))
        self.attention = StyleAttention(channels, heads, dropout=dropout)
        self.leave = nn.Linear(channels, style)
        self.dropout = nn.Dropout(dropout)

    def forward(self, spectrogram_BKF: Tensor, seen_BF: Tensor | None = None) -> Tensor:
        """Encode; `seen_BF` (bool) marks the real frames, None when all are real."""
        x_BFC = spectrogram_BKF[:, : self.bins].transpose(1, 2)
        if seen_BF is not None:
            x_BFC = x_BFC * seen_BF[..., None]
        x_BFC = self.dropout(F.mish(self.enter(x_BFC)))
        x_BFC = self.dropout(F.mish(self.mix(x_BFC)))
        x_BFC = self.temporal(x_BFC.transpose(1, 2)).transpose(1, 2)
        if seen_BF is not None:
            x_BFC = x_BFC * seen_BF[..., None]
        style_BFG = self.leave(self.attention(x_BFC, seen_BF))
        return _mean(style_BFG, seen_BF)[..., None]


def _mean(x_BFG: Tensor, seen_BF: Tensor | None) -> Tensor:
    if seen_BF is None:
        return x_BFG.mean(1)
    weights = seen_BF[..., None].to(x_BFG)
    return (x_BFG * weights).sum(1) / weights.sum(1)
