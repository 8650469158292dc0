"""Post-norm transformer encoder with convolutional feed-forward layers (Kim et al. 2021, VITS).

Legend: B batch, C channels, T frames.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.published.relative_attention import RelativeSelfAttention


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of every frame: (B, C, T) -> (B, C, T)."""

    def forward(self, x_BCT: Tensor) -> Tensor:
        """Normalise."""
        return super().forward(x_BCT.transpose(1, 2)).transpose(1, 2)


class ConvFeedForward(nn.Module):
    """Two same-padded convolutions with a rectifier between: (B, C, T) -> (B, C, T)."""

    def __init__(self, channels: int, hidden: int, kernel: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.expand = nn.Conv1d(channels, hidden, kernel, padding="same")
        self.project = nn.Conv1d(hidden, channels, kernel, padding="same")
        self.dropout = dropout

    def forward(self, x_BCT: Tensor, mask_B1T: Tensor | None) -> Tensor:
        """Padding frames enter and leave as zeros."""
        hidden = F.relu(self.expand(masked(x_BCT, mask_B1T)))
        hidden = F.dropout(hidden, self.dropout, self.training)
        return masked(self.project(masked(hidden, mask_B1T)), mask_B1T)


class EncoderBlock(nn.Module):
    """Attention and feed-forward, each added back and then normalised."""

    def __init__(
        self, channels: int, hidden: int, heads: int, *, kernel: int, window: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.attention = RelativeSelfAttention(channels, heads, window, dropout=dropout)
        self.attention_norm = ChannelNorm(channels)
        self.feedforward = ConvFeedForward(channels, hidden, kernel, dropout=dropout)
        self.feedforward_norm = ChannelNorm(channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BCT: Tensor, mask_B1T: Tensor | None) -> Tensor:
        """One layer."""
        x_BCT = self.attention_norm(x_BCT + self.dropout(self.attention(x_BCT, mask_B1T)))
        out: Tensor = self.feedforward_norm(x_BCT + self.dropout(self.feedforward(x_BCT, mask_B1T)))
        return out


class Encoder(nn.Module):
    """A stack of blocks: (B, C, T) -> (B, C, T)."""

    def __init__(
        self,
        channels: int,
        hidden: int,
        heads: int,
        depth: int,
        *,
        kernel: int = 3,
        window: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(channels, hidden, heads, kernel=kernel, window=window, dropout=dropout)
            for _ in range(depth)
        )

    def forward(self, x_BCT: Tensor, mask_B1T: Tensor | None = None) -> Tensor:
        """Encode; the mask is 1 on real frames, None when every frame is real."""
        x_BCT = masked(x_BCT, mask_B1T)
        for block in self.blocks:
            x_BCT = block(x_BCT, mask_B1T)
        return masked(x_BCT, mask_B1T)


def masked(x_BCT: Tensor, mask_B1T: Tensor | None) -> Tensor:
    """Zero what the mask hides."""
    return x_BCT if mask_B1T is None else x_BCT * mask_B1T
