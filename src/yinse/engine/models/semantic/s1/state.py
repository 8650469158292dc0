"""Values that pass in and out of s1.

Legend: B batch, N layers, H heads, S positions, D channels of a head, L phonemes, E text features,
P prompt tokens.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class S1Input:
    """One utterance to continue: phonemes of prompt and target, their features, and the prompt's tokens."""

    phones_L: Tensor
    features_EL: Tensor
    prompt_P: Tensor


@dataclass(frozen=True, slots=True)
class S1State:
    """Keys and values of all positions so far, in buffers that have room for more."""

    keys_NBHSD: Tensor
    values_NBHSD: Tensor
    length: int
    """Positions that are filled."""
    next_B: Tensor
    """Audio position of the token that comes next in each row."""
    bias_B11S: Tensor | None
    """Minus infinity on padded positions; None when no row is padded."""

    @property
    def capacity(self) -> int:
        """Positions that fit."""
        return self.keys_NBHSD.shape[3]

    def advanced(self) -> "S1State":
        """The state after one more position was written."""
        return replace(self, length=self.length + 1, next_B=self.next_B + 1)

    def with_room(self, positions: int) -> "S1State":
        """The same state with room for so many more positions; copies only when the buffers are too small."""
        missing = self.length + positions - self.capacity
        if missing <= 0:
            return self
        bias = None if self.bias_B11S is None else F.pad(self.bias_B11S, (0, missing))
        return replace(
            self,
            keys_NBHSD=F.pad(self.keys_NBHSD, (0, 0, 0, missing)),
            values_NBHSD=F.pad(self.values_NBHSD, (0, 0, 0, missing)),
            bias_B11S=bias,
        )

    def rows(self, kept: list[int]) -> "S1State":
        """Only the given rows of the batch."""
        index = torch.tensor(kept, device=self.next_B.device)
        bias = None if self.bias_B11S is None else self.bias_B11S[index]
        return replace(
            self,
            keys_NBHSD=self.keys_NBHSD[:, index],
            values_NBHSD=self.values_NBHSD[:, index],
            next_B=self.next_B[index],
            bias_B11S=bias,
        )
