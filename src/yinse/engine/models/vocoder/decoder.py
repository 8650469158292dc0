"""What every decoder of the base voice does, whichever network is inside.

Legend: B batch, D latent channels, F latent frames.
"""

from typing import Protocol, TypeVar

from torch import Tensor, nn

from yinse.engine.models.layers.published.windowed import WindowState
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator

State = TypeVar("State")


class Decoder(Protocol[State]):
    """Latents to samples: (B, D, F) -> (B, F * hop)."""

    def __call__(self, latent_BDF: Tensor) -> Tensor:
        """Decode a whole sequence."""

    def stream(self, latent_BDF: Tensor, state: State | None, *, last: bool) -> tuple[Tensor, State]:
        """Feed a piece; the output lags until `last`. Concatenated it equals the whole."""


class HifiganDecoder(nn.Module):
    """A HiFi-GAN generator as a `Decoder`: (B, D, F) -> (B, F * hop)."""

    def __init__(self, generator: HifiganGenerator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, latent_BDF: Tensor) -> Tensor:
        """Whole sequence."""
        samples: Tensor = self.generator(latent_BDF)
        return samples[:, 0]

    def stream(
        self, latent_BDF: Tensor, state: WindowState | None, *, last: bool
    ) -> tuple[Tensor, WindowState]:
        """Feed a piece; the output lags until `last`."""
        samples, state = self.generator.stream(latent_BDF, state, last=last)
        return samples[:, 0], state
