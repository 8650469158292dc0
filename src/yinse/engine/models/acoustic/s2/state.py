"""Values that pass in and out of s2.

Legend: B batch, G style channels, E condition channels of the encoder, C hidden channels, V speaker
embedding, K bins, F reference frames, T latent frames.
"""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Reference:
    """One recording of the voice: linear spectrogram, and the speaker embedding where the version has one."""

    spectrogram_BKF: Tensor
    speaker_BV: Tensor | None = None
    seen_BF: Tensor | None = None
    """True on real frames of a padded batch; None when all are real."""


@dataclass(frozen=True, slots=True)
class VoiceCondition:
    """What the model needs to know of a voice; computed once."""

    style_BG1: Tensor
    encoder_BE1: Tensor
    """The same style in the width of the content encoder."""


@dataclass(frozen=True, slots=True)
class ChunkState:
    """Last hidden frames of the previous chunk, to be faded into the next one."""

    overlap_BCT: Tensor
