"""Sizes of ECAPA-TDNN."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EcapaConfig:
    """`channels` in the three SE-Res2 blocks, `pooled` after they are gathered, `embedding` out."""

    bands: int = 80
    channels: int = 256
    pooled: int = 512
    attention: int = 64
    squeeze: int = 64
    scale: int = 4
    dilations: tuple[int, ...] = (2, 3, 4)
    embedding: int = 192


def base() -> EcapaConfig:
    """The speaker encoder of the base voice."""
    return EcapaConfig()
