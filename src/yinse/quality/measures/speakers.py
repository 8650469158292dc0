"""Speakers: whether a second person is heard, and where.

Legend: V embedded stretches of 1.5 s, D dimensions.
"""

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.quality.measures.reading import UNHEARD, Reading
from yinse.quality.observe.voices import Embedding, Voices

_LEAST_STRETCHES = 12
"""Ten seconds of speech. Of fewer a single odd one was a second person in every fourth take (`benchmarks/second_speaker.py`)."""
_ITERATIONS = 20


def other_speaker(voices: Voices | None) -> Reading:
    """Percent of the speech that is another person's; spans where.

    The stretches are split in two; the smaller part is somebody else if the two mean voices differ enough.
    Unheard without a speaker encoder or under twelve stretches. With the GE2E encoder of `resemblyzer`, parts of
    one voice had cosines of 0.84 and more (32 voices), of two voices 0.82 and less (300 pairs).
    """
    if voices is None or len(voices.embeddings) < _LEAST_STRETCHES:
        return UNHEARD
    second, cosine = _split(voices.embeddings)
    if cosine >= voices.different_below:
        return Reading(0.0)
    other = second if second.mean() <= 0.5 else ~second
    spans = [span for span, is_other in zip(voices.spans, other, strict=True) if is_other]
    return Reading(100.0 * float(other.mean()), _merged(spans))


def _split(embeddings_VD: Embedding) -> tuple[npt.NDArray[np.bool_], float]:
    """Spherical two-means from the two most different stretches: members of the second, centres' cosine."""
    cosines_VV = embeddings_VD @ embeddings_VD.T
    centres_2D = embeddings_VD[list(np.unravel_index(int(cosines_VV.argmin()), cosines_VV.shape))]
    for _ in range(_ITERATIONS):
        nearest = (embeddings_VD @ centres_2D.T).argmax(axis=1)
        if not 0 < nearest.sum() < len(nearest):
            return np.zeros(len(nearest), bool), 1.0
        centres_2D = np.stack([embeddings_VD[nearest == part].mean(axis=0) for part in (0, 1)])
        centres_2D /= np.linalg.norm(centres_2D, axis=1, keepdims=True)
    return nearest == 1, float(centres_2D[0] @ centres_2D[1])


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in spans:
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)
