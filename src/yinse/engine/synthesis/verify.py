"""Listen to what was spoken: does it say the phonemes it should?"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.content.phonetic.alignment import greedy_phonemes, unspoken
from yinse.engine.text.distance import edit_distance
from yinse.engine.text.inventory import SYMBOLS, is_spoken, language_of
from yinse.engine.voice.listen import SHORTEST_SECONDS, hear, level

TOKENS_PER_PHONEME: Final = (0.7, 9.0)
"""Plausible speed: 25 tokens a second, 3 to 35 phonemes; what is quiet does not count."""
QUIETEST_SHARE: Final = 0.15
"""Least share of a segment that must not be silence."""
TOLERATED: Final = {"zh": 24.0, "en": 15.0, "ja": 10.0}
"""Nats of `unspoken` that nineteen of twenty takes stay below, by the language of the phonemes; see docs/adr/0156."""
ACCEPTED: Final = 0.5
"""Score from which a segment is good enough not to be drawn again."""


@dataclass(frozen=True, slots=True)
class SegmentScore:
    """How well a segment speaks its text.

    `error` phoneme error rate of free recognition (0 best), `doubt` that some stretch of the text was not spoken, as a share of
    what is tolerated, `pace` audible tokens per phoneme at normal speed, `voiced` share of frames that are not quiet.
    """

    error: float
    doubt: float
    pace: float
    voiced: float

    @property
    def value(self) -> float:
        """One number, 0 ... 1, higher is better: without a doubt 1, at what is tolerated a half, at twice that a quarter."""
        plausible = (
            TOKENS_PER_PHONEME[0] <= self.pace <= TOKENS_PER_PHONEME[1] and self.voiced >= QUIETEST_SHARE
        )
        certain: float = 2.0 ** -max(0.0, self.doubt)
        return certain * (1.0 if plausible else 0.25)

    @property
    def accepted(self) -> bool:
        """Whether the segment may be handed out without another try."""
        return self.value >= ACCEPTED


def score_segment(models: BaseModels, audio: Waveform, phonemes: list[int], speed: float) -> SegmentScore:
    """Hold a segment, spoken `speed` times as fast as it was drawn, against the phonemes it should speak."""
    wanted = [phoneme for phoneme in phonemes if is_spoken(SYMBOLS[phoneme])]
    seconds = audio.seconds * speed
    if seconds < SHORTEST_SECONDS or not wanted:
        pace = 25 * seconds / max(1, len(wanted))
        return SegmentScore(1.0 if wanted else 0.0, math.inf if wanted else 0.0, pace, 0.0)
    heard = hear(models, level(audio), speed=speed)
    error = edit_distance(greedy_phonemes(heard.scores_UV), wanted) / len(wanted)
    languages = [language_of(SYMBOLS[phoneme]) for phoneme in wanted]
    tolerated = float(np.mean([TOLERATED[language] for language in languages if language]))
    # Fast speech is blurred however often it is drawn.
    doubt = unspoken(heard.scores_UV, wanted) / (tolerated * max(1.0, speed))
    quiet = heard.energy_U < np.percentile(heard.energy_U, 95) - 4.0
    voiced = float(1 - quiet.mean())
    return SegmentScore(error, doubt, 25 * seconds * voiced / len(wanted), voiced)
