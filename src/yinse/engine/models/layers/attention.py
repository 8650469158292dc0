"""Multi-head self- and cross-attention with rotary positions (Su et al. 2021).

Legend: B batch, T queries, S keys, C channels, H heads, D channels of a head.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def rotary_table(
    length: int,
    width: int,
    *,
    start: int = 0,
    base: float = 10000.0,
    device: torch.device | None = None,
) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the rotation at positions `start` ... : both (length, width // 2)."""
    frequency = base ** (-torch.arange(0, width, 2, dtype=torch.float32, device=device) / width)
    angle = torch.arange(start, start + length, dtype=torch.float32, device=device)[:, None] * frequency
    return angle.cos(), angle.sin()


def rotate(x_BHTD: Tensor, cosine_TD: Tensor, sine_TD: Tensor) -> Tensor:
    """Turn the two halves of every head against each other by the position's angle."""
    first, second = x_BHTD.chunk(2, -1)
    cosine, sine = cosine_TD.to(x_BHTD), sine_TD.to(x_BHTD)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], -1)


@dataclass(slots=True)
class KeyValueCache:
    """Keys and values of one layer, preallocated: (B, H, capacity, D) each, of which `length` are filled."""

    key_BHSD: Tensor
    value_BHSD: Tensor
    length: int = 0

    def append(self, key_BHTD: Tensor, value_BHTD: Tensor) -> tuple[Tensor, Tensor]:
        """Write new positions in place and return views of everything so far."""
        end = self.length + key_BHTD.shape[2]
        if end > self.key_BHSD.shape[2]:
            raise IndexError(f"the cache holds {self.key_BHSD.shape[2]} positions, {end} are needed")
        self.key_BHSD[:, :, self.length : end] = key_BHTD
        self.value_BHSD[:, :, self.length : end] = value_BHTD
        self.length = end
        return self.key_BHSD[:, :, :end], self.value_BHSD[:, :, :end]


class SelfAttention(nn.Module):
    """Self-attention over a sequence; with a cache, new positions see everything before them."""

    def __init__(self, channels: int, heads: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        if channels % heads:
            raise ValueError(f"{channels} channels do not divide into {heads} heads")
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(
        self,
        x_BTC: Tensor,
        rotary: tuple[Tensor, Tensor],
        *,
        mask: Tensor | None = None,
        causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """(B, T, C) -> (B, T, C). `mask` is True where a key may be seen, broadcast to (B, H, T, S)."""
        query, key, value = (self._split(part) for part in self.qkv(x_BTC).chunk(3, -1))
        query, key = rotate(query, *rotary), rotate(key, *rotary)
        if cache is not None:
            key, value = cache.append(key, value)
        mixed = F.scaled_dot_product_attention(
            query, key, value, mask, self.dropout if self.training else 0.0, is_causal=causal
        )
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    def _split(self, x_BTC: Tensor) -> Tensor:
        return torch.unflatten(x_BTC, -1, (self.heads, -1)).transpose(1, 2)


class CrossAttention(nn.Module):
    """Attention from a sequence into a memory; positions, where they matter, are the caller's."""

    def __init__(self, channels: int, memory: int, heads: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(memory, 2 * channels)
        self.out = nn.Linear(channels, channels)

    def remember(self, memory_BSM: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of a memory, computed once: (B, S, M) -> two (B, H, S, D)."""
        key, value = self.key_value(memory_BSM).chunk(2, -1)
        return self._split(key), self._split(value)

    def forward(self, x_BTC: Tensor, memory: tuple[Tensor, Tensor], mask_BS: Tensor | None = None) -> Tensor:
        """(B, T, C) and a remembered memory -> (B, T, C). `mask_BS` is True at real memory entries."""
        mask = None if mask_BS is None else mask_BS[:, None, None]
        dropout = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(self._split(self.query(x_BTC)), *memory, mask, dropout)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    def _split(self, x_BTC: Tensor) -> Tensor:
        return torch.unflatten(x_BTC, -1, (self.heads, -1)).transpose(1, 2)
