"""Sizes of the acoustic model."""

from dataclasses import dataclass, field, replace
from typing import Literal

TOKEN_RATE = 25


@dataclass(frozen=True, slots=True)
class FlowConfig:
    """Steps of ActNorm and affine coupling, each with a small convolutional network."""

    steps: int = 4
    channels: int = 192
    hidden: int = 384
    depth: int = 2
    kernel: int = 5


@dataclass(frozen=True, slots=True)
class DiffusionConfig:
    """A transformer that removes noise from latents; `patch` frames share one position."""

    channels: int = 192
    heads: int = 8
    depth: int = 6
    hidden: int = 768
    timesteps: int = 1000
    patch: int = 1
    dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class SovitsConfig:
    """The prior of the latents and what fits it. Frames are `hop` samples at `rate` Hz; tokens come at 25 Hz.

    `spec_channels` mel bands enter the posterior encoder, `segment_size` frames make a training segment of
    the decoder. `upsample_rates` (their product is the hop) and `resblock_kernels` are those of the HiFi-GAN
    decoder.
    """

    symbols: int
    vocabulary: int = 1000
    levels: tuple[int, ...] = (8, 5, 5, 5)
    rate: int = 44100
    hop: int = 256
    spec_channels: int = 100
    segment_size: int = 32
    decoder: Literal["hifigan", "istft"] = "hifigan"
    upsample_rates: tuple[int, ...] = (8, 8, 2, 2)
    resblock_kernels: tuple[int, ...] = (3, 7)
    inter_channels: int = 192
    hidden_channels: int = 192
    hidden: int = 576
    token_channels: int = 256
    token_hidden: int = 768
    token_depth: int = 4
    token_kernel: int = 3
    frame_depth: int = 3
    frame_kernel: int = 7
    heads: int = 4
    speaker: int = 192
    dropout: float = 0.1
    use_diffusion: bool = True
    flow: FlowConfig = field(default_factory=FlowConfig)
    diffusion: DiffusionConfig = field(default_factory=DiffusionConfig)

    def frames_before(self, tokens: int) -> int:
        """Latent frames that begin before the end of `tokens` tokens."""
        return -(-tokens * self.rate // (TOKEN_RATE * self.hop))


def reference(symbols: int) -> SovitsConfig:
    """The sizes the project set out with: 172 latent frames a second for a HiFi-GAN of rates 8, 8, 2, 2."""
    return SovitsConfig(symbols)


def base(symbols: int) -> SovitsConfig:
    """What ships: 100 frames a second, four to a token, two to a diffusion position (ADR 0010)."""
    start = reference(symbols)
    return replace(start, hop=441, decoder="istft", diffusion=replace(start.diffusion, patch=2))
