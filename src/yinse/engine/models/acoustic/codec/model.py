"""Mel frames to a diagonal Gaussian over latents (the approximate posterior of VITS, Kim et al. 2021).

Legend: B batch, M mel bands, D latent channels, F frames.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yinse.engine.audio.mel import FLOOR
from yinse.engine.models.acoustic.codec.config import PosteriorConfig
from yinse.engine.models.layers.convnext import ConvNeXtStack
from yinse.engine.models.layers.streaming import StreamConv1d

MEL_CENTRE, MEL_SCALE = -5.0, 3.0
"""Brings natural-log mel magnitudes near zero mean and unit spread."""
MAX_LOG_DEVIATION, MIN_LOG_DEVIATION = 2.0, -6.0


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Mean and log standard deviation of every latent: both (B, D, F)."""

    mean_BDF: Tensor
    log_deviation_BDF: Tensor

    def sample(self, noise_BDF: Tensor) -> Tensor:
        """Reparameterised draw from standard normal noise."""
        return self.mean_BDF + noise_BDF * self.log_deviation_BDF.exp()

    def divergence_from_standard(self) -> Tensor:
        """KL divergence to the standard normal, in nats per latent: (B, D, F)."""
        variance = (2 * self.log_deviation_BDF).exp()
        return 0.5 * (self.mean_BDF.square() + variance - 1) - self.log_deviation_BDF


class PosteriorEncoder(nn.Module):
    """Log-mel to latents: (B, M, F) -> Gaussian over (B, D, F)."""

    def __init__(self, config: PosteriorConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = StreamConv1d(config.spec_channels, config.channels, config.kernel)
        self.stack = ConvNeXtStack(config.channels, config.hidden, config.depth, kernel=config.kernel)
        self.norm = nn.LayerNorm(config.channels, eps=1e-6)
        self.head = nn.Linear(config.channels, 2 * config.inter_channels)

    def forward(self, mel_BMF: Tensor) -> Gaussian:
        """Encode whole sequences."""
        x_BCF = self.stack(self.stem((mel_BMF - MEL_CENTRE) / MEL_SCALE))
        mean, log_deviation = self.head(self.norm(x_BCF.transpose(1, 2))).float().transpose(1, 2).chunk(2, 1)
        return Gaussian(mean, log_deviation.clamp(MIN_LOG_DEVIATION, MAX_LOG_DEVIATION))


def silence_above(mel_BMF: Tensor, edges_M: Tensor, limit_B: Tensor) -> Tensor:
    """Silence the bands above a recording's own bandwidth, so that a missing band always looks alike.

    `edges_M` holds the upper edge of every band and `limit_B` the highest frequency present, both in Hz.
    """
    missing = edges_M[None, :, None] > limit_B[:, None, None]
    return mel_BMF.masked_fill(missing, float(torch.tensor(FLOOR).log()))
