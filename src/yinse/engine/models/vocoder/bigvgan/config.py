"""Sizes of BigVGAN."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class BigvganConfig:
    """One stage per entry of `rates`: upsampled by it with the kernel of the same place, channels halved."""

    inputs: int = 100
    channels: int = 1536
    rates: tuple[int, ...] = (4, 4, 2, 2, 2, 2)
    kernels: tuple[int, ...] = (8, 8, 4, 4, 4, 4)
    block_kernels: tuple[int, ...] = (3, 7, 11)
    dilations: tuple[int, ...] = (1, 3, 5)
    output_bias: bool = False
    rate: int = 24000

    @property
    def hop(self) -> int:
        """Samples that come out for one mel frame."""
        return prod(self.rates)


def v3() -> BigvganConfig:
    """BigVGAN v2, 24 kHz, 100 bands, 256x: the vocoder of v3."""
    return BigvganConfig()


def from_published(hyper: Mapping[str, object]) -> BigvganConfig:
    """Our configuration from the `config.json` beside a published generator."""

    def sizes(key: str) -> tuple[int, ...]:
        return tuple(cast(Sequence[int], hyper[key]))

    return BigvganConfig(
        inputs=cast(int, hyper["num_mels"]),
        channels=cast(int, hyper["upsample_initial_channel"]),
        rates=sizes("upsample_rates"),
        kernels=sizes("upsample_kernel_sizes"),
        block_kernels=sizes("resblock_kernel_sizes"),
        dilations=tuple(cast(Any, hyper["resblock_dilation_sizes"])[0]),
        output_bias=bool(hyper.get("use_bias_at_final", True)),
        rate=cast(int, hyper["sampling_rate"]),
    )
