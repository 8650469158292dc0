"""Normalising flow of mean-only affine couplings and channel flips, and the posterior it is trained against.

Dinh et al. 2017 (coupling), Kim et al. 2021 (VITS). Legend: B batch, C channels, T frames, G global channels.
"""

import torch
from torch import Tensor, nn

from yinse.engine.models.layers.published.encoder import masked
from yinse.engine.models.layers.published.wavenet import WaveNet


class MeanCoupling(nn.Module):
    """Shift half of the channels by a function of the other half: (B, C, T) -> (B, C, T), volume kept."""

    def __init__(self, channels: int, hidden: int, network: WaveNet) -> None:
        super().__init__()
        self.width = channels // 2
        self.enter = nn.Conv1d(self.width, hidden, 1)
        self.network = network
        self.leave = nn.Conv1d(hidden, self.width, 1)

    def forward(
        self, x_BCT: Tensor, condition_BG1: Tensor, mask_B1T: Tensor | None = None, *, inverse: bool = False
    ) -> Tensor:
        """Apply the shift, or take it back."""
        kept, moved = x_BCT.chunk(2, 1)
        hidden = self.network(masked(self.enter(kept), mask_B1T), condition_BG1, mask_B1T)
        shift = masked(self.leave(hidden), mask_B1T)
        moved = masked(moved, mask_B1T)
        return torch.cat([kept, moved - shift if inverse else moved + shift], 1)


class Flow(nn.Module):
    """Couplings, each followed by a flip of the channel order: (B, C, T) -> (B, C, T)."""

    def __init__(self, couplings: list[MeanCoupling]) -> None:
        super().__init__()
        self.couplings = nn.ModuleList(couplings)

    def forward(self, z_BCT: Tensor, condition_BG1: Tensor, mask_B1T: Tensor | None = None) -> Tensor:
        """Posterior latents to the prior's space."""
        for coupling in self.couplings:
            z_BCT = coupling(z_BCT, condition_BG1, mask_B1T).flip(1)
        return z_BCT

    def inverse(self, z_BCT: Tensor, condition_BG1: Tensor, mask_B1T: Tensor | None = None) -> Tensor:
        """Prior samples to the decoder's space."""
        for coupling in reversed(self.couplings):
            z_BCT = coupling(z_BCT.flip(1), condition_BG1, mask_B1T, inverse=True)
        return z_BCT


class PosteriorEncoder(nn.Module):
    """A linear spectrogram to the mean and log deviation of its latents: (B, K, T) -> 2 x (B, C, T)."""

    def __init__(self, bins: int, channels: int, hidden: int, network: WaveNet) -> None:
        super().__init__()
        self.enter = nn.Conv1d(bins, hidden, 1)
        self.network = network
        self.leave = nn.Conv1d(hidden, 2 * channels, 1)

    def forward(
        self, spectrogram_BKT: Tensor, condition_BG1: Tensor, mask_B1T: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Encode. The voice is not trained through here: the condition's gradient stops."""
        hidden = masked(self.enter(spectrogram_BKT), mask_B1T)
        hidden = self.network(hidden, condition_BG1.detach(), mask_B1T)
        mean, log_deviation = masked(self.leave(hidden), mask_B1T).chunk(2, 1)
        return mean, log_deviation
