"""Latents to samples through one inverse short-time Fourier transform (after Vocos, Siuzdak 2023).

Legend: B batch, D latent channels, C channels, F frames, K frequency bins, T samples, N samples of a window.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.convnext import BlockState, ConvNeXtStack
from yinse.engine.models.layers.streaming import ConvState, StreamConv1d
from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig

MAX_LOG_MAGNITUDE = 5.0
"""Keeps the exponential finite early in training; e^5 is far above any real bin."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What overlaps the future: summed windows (B, N - hop) and their summed squared tapers (N - hop,)."""

    summed_BN: Tensor
    weight_N: Tensor
    leading: int
    """Samples of the first window that lie before time zero and are still to be dropped."""


@dataclass(frozen=True, slots=True)
class IstftState:
    """Streaming state: the input layer, the stack, and the windows still overlapping the future."""

    stem: ConvState
    stack: tuple[BlockState, ...]
    overlap: Overlap


class IstftDecoder(nn.Module):
    """Latents to samples: (B, D, F) -> (B, F * hop)."""

    window: Tensor

    def __init__(self, config: IstftDecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = StreamConv1d(config.latent_channels, config.channels, config.kernel)
        self.stem_norm = nn.LayerNorm(config.channels, eps=1e-6)
        self.stack = ConvNeXtStack(config.channels, config.hidden, config.depth, kernel=config.kernel)
        self.final_norm = nn.LayerNorm(config.channels, eps=1e-6)
        self.head = nn.Linear(config.channels, config.n_fft + 2)
        self.register_buffer("window", torch.hann_window(config.n_fft), persistent=False)

    @property
    def reach(self) -> int:
        """Latent frames needed on either side of an output frame."""
        return (self.config.depth + 1) * ((self.config.kernel - 1) // 2)

    def forward(self, latent_BDF: Tensor) -> Tensor:
        """Whole sequence: (B, D, F) -> (B, F * hop)."""
        x_BCF = self.stack(self._normalise(self.stem(latent_BDF)))
        frames_BFN = self._windows(x_BCF)
        summed, weight = _overlap_add(frames_BFN, self.window, self.config.hop)
        left = (self.config.n_fft - self.config.hop) // 2
        length = latent_BDF.shape[2] * self.config.hop
        return (summed / weight.clamp_min(1e-6))[:, left : left + length]

    def stream(
        self, latent_BDF: Tensor, state: IstftState | None, *, last: bool
    ) -> tuple[Tensor, IstftState]:
        """Feed latents; returns the samples that can no longer change: concatenated they equal `forward`."""
        x_BCF, stem = self.stem.stream(latent_BDF, None if state is None else state.stem, last=last)
        known = None if state is None else state.stack
        x_BCF, stack = self.stack.stream(self._normalise(x_BCF), known, last=last)
        waiting = self._nothing_yet(latent_BDF) if state is None else state.overlap
        if x_BCF.shape[2]:
            samples, waiting = self._join(x_BCF, waiting, last=last)
        else:
            samples = latent_BDF.new_zeros(len(latent_BDF), 0)
        return samples, IstftState(stem, stack, waiting)

    def _nothing_yet(self, like_BDF: Tensor) -> Overlap:
        tail = self.config.n_fft - self.config.hop
        return Overlap(like_BDF.new_zeros(len(like_BDF), tail), like_BDF.new_zeros(tail), tail // 2)

    def _join(self, x_BCF: Tensor, before: Overlap, *, last: bool) -> tuple[Tensor, Overlap]:
        """Add windows to the ones before; returns the samples that no later window can reach."""
        tail = self.config.n_fft - self.config.hop
        summed, weight = _overlap_add(self._windows(x_BCF), self.window, self.config.hop)
        summed[:, :tail] += before.summed_BN
        weight[:tail] += before.weight_N
        final = summed.shape[1] - (tail - tail // 2 if last else tail)
        ready = summed[:, :final] / weight[:final].clamp_min(1e-6)
        dropped = min(before.leading, ready.shape[1])
        kept = len(weight) - tail
        return ready[:, dropped:], Overlap(summed[:, kept:], weight[kept:], before.leading - dropped)

    def _normalise(self, x_BCF: Tensor) -> Tensor:
        normed: Tensor = self.stem_norm(x_BCF.transpose(1, 2)).transpose(1, 2)
        return normed

    def _windows(self, x_BCF: Tensor) -> Tensor:
        """Spectra from the last hidden state, inverted and tapered: (B, C, F) -> (B, F, N)."""
        log_magnitude, phase = self.head(self.final_norm(x_BCF.transpose(1, 2))).float().chunk(2, -1)
        magnitude = log_magnitude.clamp_max(MAX_LOG_MAGNITUDE).exp()
        spectrum = torch.complex(magnitude * phase.cos(), magnitude * phase.sin())
        windows: Tensor = torch.fft.irfft(spectrum, self.config.n_fft)
        return windows * self.window


def _overlap_add(frames_BFN: Tensor, window_N: Tensor, hop: int) -> tuple[Tensor, Tensor]:
    """Sum tapered windows `hop` apart: (B, F, N) -> (B, (F - 1) * hop + N) and their summed squared taper."""
    length = (frames_BFN.shape[1] - 1) * hop + frames_BFN.shape[2]
    weights_1NF = window_N.square()[None, :, None].expand(1, -1, frames_BFN.shape[1])
    return _fold(frames_BFN.transpose(1, 2), length, hop), _fold(weights_1NF, length, hop)[0]


def _fold(windows_BNF: Tensor, length: int, hop: int) -> Tensor:
    folded = F.fold(windows_BNF, (1, length), (1, windows_BNF.shape[1]), stride=(1, hop))
    return folded[:, 0, 0]
