"""Listen to what was spoken: does it say the phonemes it should?"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.content.phonetic.alignment import forced_alignment, greedy_phonemes
from yinse.engine.text.distance import edit_distance
from yinse.engine.text.inventory import SYMBOLS, is_spoken
from yinse.engine.voice.listen import SHORTEST_SECONDS, hear, level

TOKENS_PER_PHONEME: Final = (0.7, 9.0)
"""Plausible speed: 25 tokens a second, 3 to 35 phonemes; what is quiet does not count."""
QUIETEST_SHARE: Final = 0.15
"""Least share of a segment that must not be silence."""
ACCEPTED: Final = 0.35
"""Score from which a segment is good enough not to be drawn again. Natural speech of strangers scores about 0.4
in English and Chinese and 0.55 in Japanese with this judge, so a higher bar would redraw good speech."""


@dataclass(frozen=True, slots=True)
class SegmentScore:
    """How well a segment speaks its text.

    `error` phoneme error rate of free recognition (0 best), `confidence` mean log-probability a frame of the
    wanted phonemes, `pace` audible tokens per phoneme, `voiced` share of frames that are not quiet.
    """

    error: float
    confidence: float
    pace: float
    voiced: float

    @property
    def value(self) -> float:
        """One number, 0 ... 1, higher is better."""
        plausible = (
            TOKENS_PER_PHONEME[0] <= self.pace <= TOKENS_PER_PHONEME[1] and self.voiced >= QUIETEST_SHARE
        )
        return max(0.0, 1.0 - self.error) * (1.0 if plausible else 0.25)

    @property
    def rank(self) -> tuple[float, float]:
        """What retries compare: the value, and among takes in which no phoneme was recognised the confidence."""
        return self.value, self.confidence

    @property
    def accepted(self) -> bool:
        """Whether the segment may be handed out without another try."""
        return self.value >= ACCEPTED


def score_segment(models: BaseModels, audio: Waveform, phonemes: list[int]) -> SegmentScore:
    """Recognise a segment and compare with the phonemes it should hold."""
    wanted = [phoneme for phoneme in phonemes if is_spoken(SYMBOLS[phoneme])]
    if audio.seconds < SHORTEST_SECONDS or not wanted:
        return SegmentScore(1.0 if wanted else 0.0, -9.0, 25 * audio.seconds / max(1, len(wanted)), 0.0)
    heard = hear(models, level(audio))
    aligned = forced_alignment(heard.scores_UV, wanted)
    error = edit_distance(greedy_phonemes(heard.scores_UV), wanted) / len(wanted)
    quiet = heard.energy_U < np.percentile(heard.energy_U, 95) - 4.0
    confidence = aligned.score if aligned else -9.0
    voiced = float(1 - quiet.mean())
    return SegmentScore(error, confidence, 25 * audio.seconds * voiced / len(wanted), voiced)
