"""Diffusion transformer of the flow (Peebles & Xie 2023; after Chen et al. 2024, F5-TTS).

Legend: B batch, N frames, M mel bands, E condition channels, C width, H heads, D channels of a head, R
rotary channels.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TIME_SCALE = 1000.0


class ScalarEmbedding(nn.Module):
    """A number in 0..1 to a vector by sines, cosines and two layers: (B,) -> (B, C)."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.channels = channels
        self.enter = nn.Linear(channels, width)
        self.leave = nn.Linear(width, width)

    def forward(self, value_B: Tensor) -> Tensor:
        """Embed."""
        half = self.channels // 2
        frequency = torch.exp(torch.arange(half, device=value_B.device) * (-math.log(10000.0) / (half - 1)))
        angle = TIME_SCALE * value_B[:, None].float() * frequency
        waves = torch.cat([angle.sin(), angle.cos()], 1).to(self.enter.weight.dtype)
        embedded: Tensor = self.leave(F.silu(self.enter(waves)))
        return embedded


class ResponseNorm(nn.Module):
    """Global response normalisation over time (Woo et al. 2023, ConvNeXt V2): (B, N, C) -> (B, N, C)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, channels))
        self.beta = nn.Parameter(torch.zeros(1, 1, channels))

    def forward(self, x_BNC: Tensor) -> Tensor:
        """Normalise."""
        energy = x_BNC.norm(dim=1, keepdim=True)
        share: Tensor = energy / (energy.mean(-1, keepdim=True) + 1e-6)
        return self.gamma * (x_BNC * share) + self.beta + x_BNC


class ConvNeXtV2Block(nn.Module):
    """Depthwise convolution and a perceptron, added back: (B, N, E) -> (B, N, E)."""

    def __init__(self, channels: int, hidden: int, *, kernel: int = 7) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.expand = nn.Linear(channels, hidden)
        self.response = ResponseNorm(hidden)
        self.project = nn.Linear(hidden, channels)

    def forward(self, x_BNE: Tensor) -> Tensor:
        """One block."""
        mixed = self.norm(self.depthwise(x_BNE.transpose(1, 2)).transpose(1, 2))
        out: Tensor = x_BNE + self.project(self.response(F.gelu(self.expand(mixed))))
        return out


class ConditionEmbedding(nn.Module):
    """Features with their positions, smoothed: (B, N, E) -> (B, N, E)."""

    table_SE: Tensor

    def __init__(self, channels: int, hidden: int, depth: int, positions: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ConvNeXtV2Block(channels, hidden) for _ in range(depth))
        self.register_buffer("table_SE", _position_table(positions, channels), persistent=False)

    def forward(self, features_BNE: Tensor) -> Tensor:
        """Embed; frames beyond the table share its last position."""
        frames = torch.arange(features_BNE.shape[1], device=features_BNE.device)
        x_BNE = features_BNE + self.table_SE[frames.clamp_max(len(self.table_SE) - 1)]
        for block in self.blocks:
            x_BNE = block(x_BNE)
        return x_BNE


class PositionConv(nn.Module):
    """Two grouped convolutions that tell frames where they are: (B, N, C) -> (B, N, C)."""

    def __init__(self, width: int, kernel: int, groups: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=groups)
        self.second = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=groups)

    def forward(self, x_BNC: Tensor) -> Tensor:
        """Convolve twice."""
        return F.mish(self.second(F.mish(self.first(x_BNC.transpose(1, 2))))).transpose(1, 2)


class Rotary(nn.Module):
    """Angles by which channel pairs turn with position (Su et al.

    2021). The frequencies travel in the file.
    """

    frequencies: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        exponent = torch.arange(0, channels, 2, device="cpu").float() / channels
        self.register_buffer("frequencies", 1.0 / 10000.0**exponent)

    def forward(self, frames: int) -> tuple[Tensor, Tensor]:
        """Cosine and sine, both (N, R), each frequency for a pair of neighbours."""
        position = torch.arange(frames, device=self.frequencies.device)
        angle = (position[:, None] * self.frequencies.float()).repeat_interleave(2, 1)
        return angle.cos(), angle.sin()


def turn(x_BNC: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the first R channels, pair by pair; the rest stays."""
    cosine, sine = rotary
    turned, kept = x_BNC[..., : cosine.shape[1]], x_BNC[..., cosine.shape[1] :]
    left, right = turned[..., 0::2], turned[..., 1::2]
    quarter = torch.stack([-right, left], -1).flatten(-2)
    return torch.cat([turned * cosine.to(turned) + quarter * sine.to(turned), kept], 2)


class DitAttention(nn.Module):
    """Self attention; positions turn before the heads are split, so only the first head feels them."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def forward(self, x_BNC: Tensor, rotary: tuple[Tensor, Tensor], seen_BN: Tensor | None) -> Tensor:
        """Attend; padded frames (false in `seen_BN`) are not seen and answer zero."""
        q_BHND = self._split(turn(self.query(x_BNC), rotary))
        k_BHND = self._split(turn(self.key(x_BNC), rotary))
        v_BHND = self._split(self.value(x_BNC))
        mask = None if seen_BN is None else seen_BN[:, None, None]
        mixed = F.scaled_dot_product_attention(q_BHND, k_BHND, v_BHND, mask)
        out: Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return out if seen_BN is None else out * seen_BN[..., None]

    def _split(self, x_BNC: Tensor) -> Tensor:
        return x_BNC.view(*x_BNC.shape[:2], self.heads, -1).transpose(1, 2)


class DitBlock(nn.Module):
    """Attention and perceptron, scaled, shifted and gated by the time: (B, N, C) -> (B, N, C)."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.modulation = nn.Linear(width, 6 * width)
        self.attention = DitAttention(width, heads)
        self.expand = nn.Linear(width, hidden)
        self.project = nn.Linear(hidden, width)

    def forward(
        self, x_BNC: Tensor, time_BC: Tensor, rotary: tuple[Tensor, Tensor], seen_BN: Tensor | None
    ) -> Tensor:
        """One block; `time_BC` is already activated."""
        parts = self.modulation(time_BC)[:, None].chunk(6, -1)
        shift, scale, gate = parts[:3]
        x_BNC = x_BNC + gate * self.attention(modulate(x_BNC, shift, scale), rotary, seen_BN)
        shift, scale, gate = parts[3:]
        hidden = F.gelu(self.expand(modulate(x_BNC, shift, scale)), approximate="tanh")
        out: Tensor = x_BNC + gate * self.project(hidden)
        return out


def modulate(x_BNC: Tensor, shift_B1C: Tensor, scale_B1C: Tensor) -> Tensor:
    """Normalise without own weights, then scale and shift."""
    return F.layer_norm(x_BNC, x_BNC.shape[-1:], eps=1e-6) * (1 + scale_B1C) + shift_B1C


class Dit(nn.Module):
    """Velocity of the flow: mel frames (B, M, N) with prompt and embedded condition to (B, M, N)."""

    def __init__(
        self,
        *,
        time: ScalarEmbedding,
        step: ScalarEmbedding,
        condition: ConditionEmbedding,
        enter: nn.Linear,
        position: PositionConv,
        rotary: Rotary,
        blocks: Sequence[DitBlock],
        leave_modulation: nn.Linear,
        leave: nn.Linear,
    ) -> None:
        super().__init__()
        self.time = time
        self.step = step
        self.condition = condition
        self.enter = enter
        self.position = position
        self.rotary = rotary
        self.blocks = nn.ModuleList(blocks)
        self.leave_modulation = leave_modulation
        self.leave = leave

    def forward(
        self,
        x_BMN: Tensor,
        prompt_BMN: Tensor,
        condition_BNE: Tensor,
        time_B: Tensor,
        step_B: Tensor,
        seen_BN: Tensor | None = None,
    ) -> Tensor:
        """Velocity at a time for a step size; `condition_BNE` comes from `self.condition`."""
        time_BC = F.silu(self.time(time_B) + self.step(step_B))
        joined = torch.cat([x_BMN.transpose(1, 2), prompt_BMN.transpose(1, 2), condition_BNE], 2)
        x_BNC = self.enter(joined)
        x_BNC = x_BNC + self.position(x_BNC)
        rotary = self.rotary(x_BNC.shape[1])
        for block in self.blocks:
            x_BNC = block(x_BNC, time_BC, rotary, seen_BN)
        scale, shift = self.leave_modulation(time_BC)[:, None].chunk(2, -1)
        velocity: Tensor = self.leave(modulate(x_BNC, shift, scale)).transpose(1, 2)
        return velocity


def _position_table(positions: int, channels: int) -> Tensor:
    exponent = torch.arange(0, channels, 2, device="cpu").float() / channels
    angle = torch.arange(positions, device="cpu")[:, None] * (1.0 / 10000.0**exponent)
    return torch.cat([angle.cos(), angle.sin()], 1)
