"""Sizes of the content encoder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContentConfig:
    """Mel at 100 frames/s in; tokens at 25 Hz out of the middle; phoneme scores at 50 Hz out of the top."""

    symbols: int
    bands: int = 80
    channels: int = 256
    hidden: int = 768
    heads: int = 4
    stem_depth: int = 2
    lower_depth: int = 2
    upper_depth: int = 3
    kernel: int = 9
    levels: tuple[int, ...] = (8, 5, 5, 5)
    dropout: float = 0.1


def base(symbols: int) -> ContentConfig:
    """The content encoder of the base voice."""
    return ContentConfig(symbols)
