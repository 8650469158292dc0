"""Does a recording say a text? Answered without trusting the recogniser's ear for single words.

A part of the text (a clause, or the words that were drawn at random) was said if hardly any other words would
have fitted the recording as well in its place. The share of others that fit as well is a permutation test
(Fisher 1935): for a recording that was made without knowing the part, every share is as likely as every other,
however well or badly the recogniser hears. So a limit on it is the chance that such a recording passes.
"""

from collections.abc import Sequence
from random import Random

import numpy as np
import numpy.typing as npt

from yinse.engine.models.content.phonetic.alignment import fits

Phonemes = Sequence[int]
_TRIES = 200
"""Draws for one of the wanted length, on average 5 to 20."""


def chance(
    scores_UV: npt.NDArray[np.float32], parts: Sequence[Phonemes], place: int, others: Sequence[Phonemes]
) -> float:
    """Share (0..1] of `others` that fit as well as `parts[place]`, with the rest of the text as it is.

    `scores_UV` are log-probabilities of phonemes, frame by frame.
    """
    before = [phoneme for part in parts[:place] for phoneme in part]
    after = [phoneme for part in parts[place + 1 :] for phoneme in part]
    found = fits(scores_UV, [[*before, *middle, *after] for middle in (parts[place], *others)])
    if not np.isfinite(found[0]):
        return 1.0
    return float(1 + np.count_nonzero(found[1:] >= found[0])) / (1 + len(others))


def drawn(pool: Sequence[Phonemes], words: int, length: int, count: int, chosen: Random) -> list[list[int]]:
    """So many random draws of distinct words that have so many phonemes in all.

    The challenge itself is such a draw. A shorter text fits any recording better, so only equally long ones tell.
    """
    found: list[list[int]] = []
    for _ in range(_TRIES * count):
        row = [phoneme for word in chosen.sample(pool, words) for phoneme in word]
        if len(row) == length:
            found.append(row)
        if len(found) == count:
            break
    return found


def as_long(pool: Sequence[Phonemes], length: int, count: int, chosen: Random) -> list[list[int]]:
    """So many random rows of words, each cut to a length in phonemes."""
    found = []
    for _ in range(count):
        row: list[int] = []
        while len(row) < length:
            row += chosen.choice(pool)
        found.append(row[:length])
    return found


def distance(heard: Sequence[str], wanted: Sequence[str]) -> float:
    """Share of wrong symbols, 0..1 (Levenshtein 1966), of what was recognised freely. A wrong tone is half an error."""
    row = [float(j) for j in range(len(wanted) + 1)]
    for i, symbol in enumerate(heard, 1):
        above, row = row, [float(i)]
        for j, other in enumerate(wanted, 1):
            changed = above[j - 1] + _difference(symbol, other)
            row.append(min(above[j] + 1, row[j - 1] + 1, changed))
    return min(row[-1] / max(len(heard), len(wanted), 1), 1.0)


def _difference(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return 0.5 if one.rstrip("012345") == other.rstrip("012345") else 1.0
