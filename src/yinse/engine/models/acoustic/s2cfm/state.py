"""Values that pass in and out of the flow.

Legend: B batch, M mel bands, E feature channels, P prompt frames.
"""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Continuation:
    """What the next chunk continues: normalised mel frames and the features they were made from."""

    mel_BMP: Tensor
    features_BEP: Tensor

    @property
    def frames(self) -> int:
        """Length of the prompt."""
        return self.mel_BMP.shape[2]


def opening(mel_BMP: Tensor, features_BEP: Tensor, longest: int) -> Continuation:
    """The first prompt, from a reference: what mel and features have in common, its last `longest` frames."""
    shared = min(mel_BMP.shape[2], features_BEP.shape[2])
    first = max(0, shared - longest)
    return Continuation(mel_BMP[:, :, first:shared], features_BEP[:, :, first:shared])
