"""Critics that tell recordings from copies, for the decoder of the base voice.

Period critics look at every P-th sample (Kong et al. 2020), spectrum critics at complex spectrograms of several
resolutions (Jang et al. 2021). Recordings of less than full bandwidth are judged below their own limit only, and so
are their copies: a missing band must not give a recording away.

Legend: B batch, T samples, K frequency bins, F frames.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.audio.mel import hann_window
from yinse.engine.models.layers.published.weight_norm import normed
from yinse.training.published.discriminators import (
    PERIODS,
    SLOPE,
    Judgement,
    PeriodDiscriminator,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)

RESOLUTIONS = ((2048, 441), (1024, 220), (512, 110))
"""Window and hop in samples of the spectrum critics."""


class SpectrumDiscriminator(nn.Module):
    """A complex spectrogram to scores: (B, 1, T) -> (B, scores)."""

    def __init__(self, window: int, hop: int, channels: int) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        sizes = [(2, (3, 9), (1, 1)), *[(channels, (3, 9), (1, 2))] * 3, (channels, (3, 3), (1, 1))]
        self.layers = nn.ModuleList(
            normed(nn.Conv2d(before, channels, kernel, stride, (kernel[0] // 2, kernel[1] // 2)), True)
            for before, kernel, stride in sizes
        )
        self.leave = normed(nn.Conv2d(channels, 1, 3, padding=1), True)

    def forward(self, x_B1T: Tensor) -> Judgement:
        """Judge."""
        with torch.autocast(x_B1T.device.type, enabled=False):
            taper = hann_window(self.window).to(x_B1T.device)
            bins_BKF = torch.stft(
                x_B1T[:, 0].float(), self.window, self.hop, window=taper, return_complex=True
            )
        x = torch.view_as_real(bins_BKF).permute(0, 3, 2, 1)
        seen = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
            seen.append(x)
        scores = self.leave(x)
        return Judgement(scores.flatten(1), (*seen, scores))


@dataclass(frozen=True, slots=True)
class AdversarialLoss:
    """What the critics have to learn, and what they teach the decoder; all scalars."""

    critics: Tensor
    decoder: Tensor
    features: Tensor


class Critics(nn.Module):
    """All critics, each of which judges for itself."""

    def __init__(self, *, width: float = 0.5, channels: int = 32) -> None:
        super().__init__()
        periods = [PeriodDiscriminator(period, width) for period in PERIODS]
        spectra = [SpectrumDiscriminator(window, hop, channels) for window, hop in RESOLUTIONS]
        self.members = nn.ModuleList([*periods, *spectra])

    def forward(self, real_BT: Tensor, fake_BT: Tensor, limit_B: Tensor, rate: int) -> AdversarialLoss:
        """Both sides of the game in one graph: the decoder's terms do not move the critics, nor the other way."""
        real, fake = (below(audio, limit_B, rate)[:, None] for audio in (real_BT, fake_BT))
        self.requires_grad_(False)
        made = [member(fake) for member in self.members]
        self.requires_grad_(True)
        known = [member(real) for member in self.members]
        refused = [member(fake.detach()) for member in self.members]
        count = len(self.members)
        return AdversarialLoss(
            discriminator_loss(known, refused) / count,
            adversarial_loss(made) / count,
            feature_loss(known, made) / count,
        )


def below(audio_BT: Tensor, limit_B: Tensor, rate: int) -> Tensor:
    """Keep what lies below each recording's bandwidth in Hz: (B, T) -> (B, T)."""
    spectrum_BK = torch.fft.rfft(audio_BT.float())
    bins_K = torch.linspace(0, rate / 2, spectrum_BK.shape[1], device=audio_BT.device)
    kept: Tensor = torch.fft.irfft(spectrum_BK * (bins_K[None] <= limit_B[:, None]), audio_BT.shape[1])
    return kept
