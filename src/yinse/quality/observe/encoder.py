"""The engine's own speaker encoder as the ruler that tells people apart; torch is imported where it embeds."""

from typing import TYPE_CHECKING, Final

from yinse.quality.observe.voices import SpeakerRuler

if TYPE_CHECKING:
    from yinse.engine.checkpoints.base import BaseModels

DIFFERENT_BELOW: Final = 0.52
"""Strangers to the encoder: takes of one voice that were split in two came to 0.54 and more, 98 % of pairs to less (14 voices)."""


def encoder_ruler(models: "BaseModels") -> SpeakerRuler:
    """A ruler over loaded models; embedding a minute of speech takes about as long as the rest of the check."""
    from yinse.engine.voice.listen import embed_speaker

    return SpeakerRuler(lambda stretch: embed_speaker(models, [stretch]), DIFFERENT_BELOW)
