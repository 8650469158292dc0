"""A spoken consent against its sentence and against the recordings: words, random words, speaker.

The limits are measured by `python -m benchmarks.consent`; its results say for which weights.
"""

import re
from random import Random
from typing import TYPE_CHECKING

from yinse.contracts.enrolment import ConsentCheck, ConsentDoubt, ConsentMatch
from yinse.serving.speakers import least_likeness
from yinse.serving.wording import as_long, chance, distance, drawn
from yinse.serving.words import symbols_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from yinse.engine.audio.waveform import Waveform
    from yinse.engine.synthesis.synthesizer import Synthesizer

CLAUSE_CHANCE = 0.05
"""Most random texts that may fit a clause as well as its own words: a clause that was left out passes as rarely."""
NONCE_CHANCE = 0.005
"""The same for the words that were drawn at random: an older recording passes one time in two hundred."""
SIMILARITY = 0.65
"""Least cosine of speaker embeddings: strangers pass about once in a thousand."""
CLAUSE_DRAWS, NONCE_DRAWS = 99, 999
SECONDS = (1.0, 60.0)
"""Shortest and longest recording that is listened to."""
_SEED = 20261127
_CLAUSES = re.compile(r"[,.，。、；;：:]\s*")


def matched(
    synthesizer: "Synthesizer", spoken: "Waveform", samples: "list[Waveform]", check: ConsentCheck
) -> ConsentMatch:
    """Compare the words with the sentence, and the speaker with the samples."""
    from yinse.engine.text.inventory import is_spoken
    from yinse.engine.voice.listen import hear, level

    if not SECONDS[0] <= spoken.seconds <= SECONDS[1]:
        return ConsentMatch(False, 1.0, 0.0, (ConsentDoubt.LENGTH,), 1.0)
    models = synthesizer.models
    heard = hear(models, level(spoken))
    wanted = _sounds(synthesizer, check.phrase, check.language)
    freely = [symbol for symbol in heard.phonemes() if is_spoken(symbol)]
    clauses, nonce = _chances(synthesizer, heard.scores_UV, check)
    similarity, another = least_likeness(models, spoken, samples)
    doubts = []
    if clauses > CLAUSE_CHANCE:
        doubts.append(ConsentDoubt.SENTENCE)
    if nonce > NONCE_CHANCE:
        doubts.append(ConsentDoubt.RANDOM_WORDS)
    if another or similarity < SIMILARITY:
        doubts.append(ConsentDoubt.SPEAKER)
    edits, chance = distance(freely, wanted), max(clauses, nonce)
    return ConsentMatch(not doubts, round(edits, 4), round(similarity, 4), tuple(doubts), chance)


def _chances(
    synthesizer: "Synthesizer", scores_UV: "npt.NDArray[np.float32]", check: ConsentCheck
) -> tuple[float, float]:
    """The largest chance of a clause, and that of the random words (0 where there are none)."""
    chosen = Random(_SEED)
    pool = [ids for word in check.pool if (ids := _ids(synthesizer, word, check.language))]
    clauses = [ids for text in _CLAUSES.split(check.lead) if (ids := _ids(synthesizer, text, check.language))]
    nonce = [phoneme for word in check.nonce for phoneme in _ids(synthesizer, word, check.language)]
    parts = [*clauses, *([nonce] if nonce else [])]
    worst = max(
        (
            chance(scores_UV, parts, place, as_long(pool, len(clause), CLAUSE_DRAWS, chosen))
            for place, clause in enumerate(clauses)
        ),
        default=1.0,
    )
    if not nonce:
        return worst, 0.0
    return worst, chance(
        scores_UV, parts, len(clauses), drawn(pool, len(check.nonce), len(nonce), NONCE_DRAWS, chosen)
    )


def _ids(synthesizer: "Synthesizer", text: str, language: str) -> list[int]:
    from yinse.engine.text.inventory import SYMBOL_IDS

    if not any(character.isalnum() for character in text):
        return []
    return [SYMBOL_IDS[symbol] for symbol in _sounds(synthesizer, text, language)]


def _sounds(synthesizer: "Synthesizer", text: str, language: str) -> list[str]:
    """The phonemes of a text, without its marks."""
    from yinse.engine.text.inventory import is_spoken

    return [symbol for symbol in symbols_of(synthesizer.frontend, text, language) if is_spoken(symbol)]
