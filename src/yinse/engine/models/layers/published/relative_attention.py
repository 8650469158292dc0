"""Self attention with relative positions inside a window (Shaw et al. 2018), and plain cross attention.

Legend: B batch, C channels, T query frames, S key frames, H heads, D head channels, R relative positions.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MASKED = -1e4
"""Score of a hidden key: finite, so that a row without any key stays a number."""


class RelativeSelfAttention(nn.Module):
    """Frames to frames: (B, C, T) -> (B, C, T); keys at most `window` frames away carry their distance."""

    def __init__(self, channels: int, heads: int, window: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.window, self.dropout = heads, window, dropout
        self.query = nn.Conv1d(channels, channels, 1)
        self.key = nn.Conv1d(channels, channels, 1)
        self.value = nn.Conv1d(channels, channels, 1)
        self.output = nn.Conv1d(channels, channels, 1)
        head = channels // heads
        positions = 2 * window + 1
        self.relative_keys = nn.Parameter(torch.randn(1, positions, head) * head**-0.5)
        self.relative_values = nn.Parameter(torch.randn(1, positions, head) * head**-0.5)

    def forward(self, x_BCT: Tensor, mask_B1T: Tensor | None = None) -> Tensor:
        """Attend over all frames that the mask (1 = real) shows."""
        q_BHTD, k_BHTD, v_BHTD = (
            _split_heads(project(x_BCT), self.heads) for project in (self.query, self.key, self.value)
        )
        q_BHTD = q_BHTD / math.sqrt(q_BHTD.shape[-1])
        scores_BHTT = self._with_distance(q_BHTD @ k_BHTD.transpose(2, 3), q_BHTD)
        if mask_B1T is not None:
            scores_BHTT = scores_BHTT.masked_fill(mask_B1T[:, :, None] == 0, MASKED)
        weights_BHTT = F.dropout(scores_BHTT.softmax(-1), self.dropout, self.training)
        mixed_BHTD = weights_BHTT @ v_BHTD + self._band(weights_BHTT) @ self.relative_values
        out: Tensor = self.output(_join_heads(mixed_BHTD))
        return out

    def _with_distance(self, scores_BHTT: Tensor, q_BHTD: Tensor) -> Tensor:
        relative_BHTR = q_BHTD @ self.relative_keys.transpose(1, 2)
        size, window = scores_BHTT.shape[-1], self.window
        index = self._band_index(size, scores_BHTT.device).expand_as(relative_BHTR)
        padded = F.pad(scores_BHTT, (window, window)).scatter_add(-1, index, relative_BHTR)
        return padded[..., window : window + size]

    def _band(self, weights_BHTT: Tensor) -> Tensor:
        """The weights at each relative position: (B, H, T, T) -> (B, H, T, R), zero beyond the ends."""
        size = weights_BHTT.shape[-1]
        index = self._band_index(size, weights_BHTT.device).expand(*weights_BHTT.shape[:3], -1)
        return F.pad(weights_BHTT, (self.window, self.window)).gather(-1, index)

    def _band_index(self, size: int, device: torch.device) -> Tensor:
        frames = torch.arange(size, device=device)
        return frames[:, None] + torch.arange(2 * self.window + 1, device=device)


class CrossAttention(nn.Module):
    """Queries from one sequence, keys and values from another: (B, C, T), (B, C, S) -> (B, C, T)."""

    def __init__(self, channels: int, heads: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Conv1d(channels, channels, 1)
        self.key = nn.Conv1d(channels, channels, 1)
        self.value = nn.Conv1d(channels, channels, 1)
        self.output = nn.Conv1d(channels, channels, 1)

    def forward(self, x_BCT: Tensor, context_BCS: Tensor, context_mask_B1S: Tensor | None = None) -> Tensor:
        """Attend over the context frames that the mask (1 = real) shows."""
        q_BHTD = _split_heads(self.query(x_BCT), self.heads)
        k_BHSD = _split_heads(self.key(context_BCS), self.heads)
        v_BHSD = _split_heads(self.value(context_BCS), self.heads)
        seen = None if context_mask_B1S is None else context_mask_B1S[:, :, None] != 0
        dropout = self.dropout if self.training else 0.0
        mixed_BHTD = F.scaled_dot_product_attention(q_BHTD, k_BHSD, v_BHSD, seen, dropout)
        out: Tensor = self.output(_join_heads(mixed_BHTD))
        return out


def _split_heads(x_BCT: Tensor, heads: int) -> Tensor:
    return x_BCT.view(len(x_BCT), heads, -1, x_BCT.shape[2]).transpose(2, 3)


def _join_heads(x_BHTD: Tensor) -> Tensor:
    return x_BHTD.transpose(2, 3).flatten(1, 2)
