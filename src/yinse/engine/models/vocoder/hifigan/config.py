"""Sizes of the HiFi-GAN generator. Presets derive from one another."""

from dataclasses import dataclass, replace
from math import prod


@dataclass(frozen=True, slots=True)
class HifiganConfig:
    """One stage per entry of `rates`: upsampled by it with the kernel of the same place, channels halved."""

    inputs: int = 192
    """Channels that come in: latents or mel bands."""
    channels: int = 512
    """Channels before the first stage."""
    rates: tuple[int, ...] = (8, 8, 2, 2)
    kernels: tuple[int, ...] = (16, 16, 4, 4)
    block_kernels: tuple[int, ...] = (3, 7, 11)
    dilations: tuple[int, ...] = (1, 3, 5)
    condition: int = 0
    """Channels of a global condition; 0 for none."""
    output_bias: bool = True
    slope: float = 0.1
    """Negative slope of every rectifier but the last."""
    final_slope: float = 0.01

    def __post_init__(self) -> None:
        if len(self.rates) != len(self.kernels):
            raise ValueError(f"{len(self.rates)} rates but {len(self.kernels)} kernels")
        if any(
            kernel < rate or (kernel - rate) % 2
            for rate, kernel in zip(self.rates, self.kernels, strict=True)
        ):
            raise ValueError(f"kernels {self.kernels} do not fit rates {self.rates}")

    @property
    def latents(self) -> int:
        """Channels that come in."""
        return self.inputs

    @property
    def hop(self) -> int:
        """Samples that come out for one frame that goes in."""
        return prod(self.rates)


def base() -> HifiganConfig:
    """The generator of the base voice: x256, two residual kernels."""
    return HifiganConfig(block_kernels=(3, 7))


def s2() -> HifiganConfig:
    """The decoder inside s2 of v1 and v2: 50 Hz latents to 32 kHz."""
    return HifiganConfig(rates=(10, 8, 2, 2, 2), kernels=(16, 16, 8, 2, 2), condition=512, output_bias=False)


def s2_pro() -> HifiganConfig:
    """The decoder of v2Pro: a wider condition."""
    return replace(s2(), condition=1024)


def s2_pro_plus() -> HifiganConfig:
    """The decoder of v2ProPlus: wider, with a longer first kernel."""
    return replace(s2_pro(), channels=768, kernels=(20, 16, 8, 2, 2))


def v4() -> HifiganConfig:
    """The vocoder of v4: 100 mel bands at 100 Hz to 48 kHz."""
    return HifiganConfig(inputs=100, rates=(10, 6, 2, 2, 2), kernels=(20, 12, 4, 4, 4))
