"""Sizes of ERes2NetV2."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Eres2NetV2Config:
    """A residual network over the filter bank as an image."""

    bands: int = 80
    channels: int = 64
    """Channels of the stem and unit of all others."""
    base_width: int = 24
    scale: int = 4
    """Branches a block is split into."""
    expansion: int = 4
    blocks: tuple[int, int, int, int] = (3, 4, 6, 3)
    embedding: int = 192
    """Channels of the last layer, which the published pipeline does not use."""

    @property
    def vector(self) -> int:
        """Channels of the embedding before the last layer."""
        return 8 * self.channels * self.expansion * (self.bands // 8)


def w24s4ep4() -> Eres2NetV2Config:
    """The published model: 20480 channels."""
    return Eres2NetV2Config()
