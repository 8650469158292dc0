"""Sizes of s1. Versions are presets that derive from one another."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class S1Config:
    """A decoder-only transformer over phonemes and 25 Hz tokens."""

    symbols: int = 512
    """Rows of the phoneme table; more than the 322 symbols of v1 ever use."""
    codes: int = 1024
    """Semantic tokens; the end of the utterance is one more."""
    text_features: int = 1024
    """Channels of the text features that come with every phoneme."""
    width: int = 512
    heads: int = 16
    layers: int = 24
    hidden: int = 2048
    dropout: float = 0.1
    positions: int = 4000
    """Longest text and longest audio, in phonemes and tokens."""

    @property
    def end(self) -> int:
        """The token that ends an utterance."""
        return self.codes


def v1() -> S1Config:
    """s1 of v1."""
    return S1Config()


def v2() -> S1Config:
    """s1 of every later version: the larger symbol table."""
    return replace(v1(), symbols=732)
