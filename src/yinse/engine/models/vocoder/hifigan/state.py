"""What a generator keeps between two pieces of one stream."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class HifiganState:
    """Input frames that outputs still to come depend on, and how many of them were already answered."""

    frames_BCT: Tensor
    answered: int
