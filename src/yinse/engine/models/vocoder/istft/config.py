"""Sizes of the inverse-STFT decoder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IstftDecoderConfig:
    """`n_fft` is the window in samples, `hop` samples come out for every latent frame."""

    latent_channels: int = 192
    channels: int = 320
    hidden: int = 960
    depth: int = 8
    kernel: int = 7
    n_fft: int = 1764
    hop: int = 441

    @property
    def latents(self) -> int:
        """Channels that come in."""
        return self.latent_channels


def base() -> IstftDecoderConfig:
    """The decoder of the base voice: 44.1 kHz, 100 latent frames a second."""
    return IstftDecoderConfig()
