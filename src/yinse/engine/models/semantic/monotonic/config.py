"""Sizes of the monotonic GPT."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SemanticConfig:
    """`symbols` phonemes in, `vocabulary` semantic tokens out at 25 Hz."""

    symbols: int
    vocabulary: int = 1000
    channels: int = 192
    hidden: int = 576
    heads: int = 4
    encoder_depth: int = 2
    decoder_depth: int = 4
    kernel: int = 5
    longest_step: int = 4
    """Most phonemes the pointer may pass in one frame."""
    oldest: int = 24
    """Frames on one phoneme that are still told apart."""
    dropout: float = 0.1
    silent: tuple[int, ...] = ()
    """Tokens that are silence in the recordings, so that pauses can be kept to what a mark asks for."""


def base(symbols: int) -> SemanticConfig:
    """The GPT of the base voice."""
    return SemanticConfig(symbols)
