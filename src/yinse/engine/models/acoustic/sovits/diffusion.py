"""The diffusion prior: a transformer that predicts the velocity of a variance-preserving diffusion.

Noise schedule: cosine (Nichol & Dhariwal 2021); target: v (Salimans & Ho 2022); training distance: L1;
sampling: deterministic DDIM (Song et al. 2021) in few steps, from noise or from a draft that is noised only in part
(shallow diffusion: Liu et al. 2022). Frames that are already known enter clean and
are marked, so that a piece continues the one before it.

Legend: B batch, D latent channels, H condition channels, F frames, P positions of `patch` frames, C channels.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.acoustic.sovits.config import DiffusionConfig
from yinse.engine.models.layers.attention import SelfAttention, rotary_table


def signal_and_noise(share_B: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of signal and noise at diffusion time 0 ... 1 on the cosine schedule, squares summing to one."""
    angle = share_B * (math.pi / 2) * 0.995
    return angle.cos(), angle.sin()


def timestep_embedding(share_B: Tensor, width: int) -> Tensor:
    """Sinusoids of diffusion time: (B,) -> (B, width)."""
    frequency = torch.exp(-math.log(10000.0) * torch.arange(width // 2, device=share_B.device) / (width // 2))
    angle = share_B[:, None] * 1000.0 * frequency
    return torch.cat([angle.cos(), angle.sin()], 1)


class DenoiserBlock(nn.Module):
    """Self-attention and perceptron, shifted, scaled and gated by diffusion time (Peebles & Xie 2023)."""

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__()
        width = config.channels
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.attention = SelfAttention(width, config.heads, dropout=config.dropout)
        self.expand = nn.Linear(width, config.hidden)
        self.project = nn.Linear(config.hidden, width)
        self.modulate = nn.Linear(width, 6 * width)
        self.dropout = nn.Dropout(config.dropout)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x_BPC: Tensor, time_BC: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """(B, P, C) -> (B, P, C)."""
        parts = self.modulate(F.silu(time_BC))[:, None].chunk(6, -1)
        attended = self.attention(self.norm(x_BPC) * (1 + parts[0]) + parts[1], rotary)
        x_BPC = x_BPC + (1 + parts[2]) * self.dropout(attended)
        expanded = F.gelu(self.expand(self.norm(x_BPC) * (1 + parts[3]) + parts[4]))
        out: Tensor = x_BPC + (1 + parts[5]) * self.dropout(self.project(expanded))
        return out


class DiffusionPrior(nn.Module):
    """Noisy latents, condition and time to velocity: (B, D, F) -> (B, D, F), F a multiple of `patch`."""

    def __init__(self, latents: int, condition: int, config: DiffusionConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.enter = nn.Linear(config.patch * (latents + condition + 1), width)
        self.time = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.blocks = nn.ModuleList(DenoiserBlock(config) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, config.patch * latents)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, noisy_BDF: Tensor, condition_BHF: Tensor, known_BF: Tensor, share_B: Tensor) -> Tensor:
        """Predict the velocity. `known_BF` is 1 where `noisy_BDF` holds clean latents already."""
        joined = torch.cat([noisy_BDF, condition_BHF, known_BF[:, None].to(noisy_BDF)], 1)
        x_BPC = self.enter(self._to_patches(joined))
        size = self.config.channels // self.config.heads
        rotary = rotary_table(x_BPC.shape[1], size, device=x_BPC.device)
        time_BC = self.time(timestep_embedding(share_B, self.config.channels).to(x_BPC))
        for block in self.blocks:
            x_BPC = block(x_BPC, time_BC, rotary)
        return self._to_frames(self.leave(self.norm(x_BPC))).float()

    def _to_patches(self, x_BXF: Tensor) -> Tensor:
        return torch.unflatten(x_BXF.transpose(1, 2), 1, (-1, self.config.patch)).flatten(2)

    def _to_frames(self, x_BPX: Tensor) -> Tensor:
        return torch.unflatten(x_BPX, 2, (self.config.patch, -1)).flatten(1, 2).transpose(1, 2)

    def loss(
        self, clean_BDF: Tensor, condition_BHF: Tensor, known_BF: Tensor, step_B: Tensor, noise_BDF: Tensor
    ) -> Tensor:
        """L1 distance of the velocity at timesteps `step_B` (0 ... timesteps - 1), unknown frames only."""
        share_B = (step_B + 0.5) / self.config.timesteps
        signal, noise = (part[:, None, None] for part in signal_and_noise(share_B))
        noisy = torch.where(known_BF[:, None] > 0, clean_BDF, signal * clean_BDF + noise * noise_BDF)
        velocity: Tensor = self(noisy, condition_BHF, known_BF, share_B)
        distance_BF = (velocity - (signal * noise_BDF - noise * clean_BDF)).abs().mean(1)
        unknown_BF = 1 - known_BF
        return (distance_BF * unknown_BF).sum() / unknown_BF.sum().clamp_min(1)

    def sample(
        self,
        noise_BDF: Tensor,
        condition_BHF: Tensor,
        prefix_BDF: Tensor | None = None,
        *,
        steps: int,
        draft_BDF: Tensor | None = None,
        begin: float = 1.0,
    ) -> Tensor:
        """Draw latents from noise; a prefix of known latents is kept as it is and continued.

        With a draft, diffusion time runs from `begin`, where the draft is noised as far, instead of from 1, where all is noise.
        """
        frames, prefix = noise_BDF.shape[2], 0 if prefix_BDF is None else prefix_BDF.shape[2]
        known_BF = (torch.arange(frames, device=noise_BDF.device) < prefix).float().expand(len(noise_BDF), -1)
        times = torch.linspace(begin, 0, steps + 1, device=noise_BDF.device)
        x_BDF = noise_BDF
        if draft_BDF is not None:
            signal, noise = signal_and_noise(times[0])
            x_BDF = signal * draft_BDF + noise * noise_BDF
        for now, then in pairwise(times):
            if prefix_BDF is not None:
                x_BDF = torch.cat([prefix_BDF, x_BDF[:, :, prefix:]], 2)
            velocity = self(x_BDF, condition_BHF, known_BF, now.expand(len(x_BDF)))
            (signal, noise), (next_signal, next_noise) = signal_and_noise(now), signal_and_noise(then)
            clean = signal * x_BDF - noise * velocity
            x_BDF = next_signal * clean + next_noise * (noise * x_BDF + signal * velocity)
        return x_BDF if prefix_BDF is None else torch.cat([prefix_BDF, x_BDF[:, :, prefix:]], 2)
