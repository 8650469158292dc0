"""Sizes of the posterior encoder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PosteriorConfig:
    """`spec_channels` mel bands in, the mean and deviation of `inter_channels` latents out."""

    spec_channels: int = 100
    inter_channels: int = 192
    channels: int = 192
    hidden: int = 576
    depth: int = 4
    kernel: int = 5


def base() -> PosteriorConfig:
    """The posterior encoder of the base voice."""
    return PosteriorConfig()
