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
_APART = 2
"""Stretches that share no sound: those next to each other overlap, and are alike for that alone."""
_LEAST_ALIKE = 0.05
"""Of stretches of one person; guards the division."""


def other_speaker(voices: Voices | None) -> Reading:
    """Percent of the speech that is another person's; spans where.

    The stretches are split in two; the smaller part is somebody else if the two parts are alike by less than
    `different_below`. Unheard without a speaker encoder or under twelve stretches.
    """
    if voices is None or len(voices.embeddings) < _LEAST_STRETCHES:
        return UNHEARD
    cosines_VV = voices.embeddings @ voices.embeddings.T
    second = _split(voices.embeddings, cosines_VV)
    if not second.any() or _likeness(cosines_VV, second) >= voices.different_below:
        return Reading(0.0)
    other = second if second.mean() <= 0.5 else ~second
    spans = [span for span, is_other in zip(voices.spans, other, strict=True) if is_other]
    return Reading(100.0 * float(other.mean()), _merged(spans))


def _split(embeddings_VD: Embedding, cosines_VV: Embedding) -> npt.NDArray[np.bool_]:
    """Spherical two-means from the two most different stretches: members of the second part, none if it is empty."""
    centres_2D = embeddings_VD[list(np.unravel_index(int(cosines_VV.argmin()), cosines_VV.shape))]
    for _ in range(_ITERATIONS):
        nearest = (embeddings_VD @ centres_2D.T).argmax(axis=1)
        if not 0 < nearest.sum() < len(nearest):
            return np.zeros(len(nearest), bool)
        centres_2D = np.stack([embeddings_VD[nearest == part].mean(axis=0) for part in (0, 1)])
        centres_2D /= np.linalg.norm(centres_2D, axis=1, keepdims=True)
    return np.asarray(nearest == 1, bool)


def _likeness(cosines_VV: Embedding, second: npt.NDArray[np.bool_]) -> float:
    """Mean cosine across the two parts over the geometric mean of the two within.

    The cosine of the two mean voices would be the lower the fewer stretches they are means of; this is what it comes to
    with endless speech of both (correction for attenuation, Spearman 1904). A part without two stretches that share no
    sound is taken to be as alike within as the other.
    """
    place_V = np.arange(len(second))
    apart_VV = np.abs(place_V[:, None] - place_V) >= _APART
    within = [cosines_VV[apart_VV & part[:, None] & part] for part in (second, ~second)]
    alike = [max(float(pairs.mean()), _LEAST_ALIKE) for pairs in within if pairs.size]
    across = cosines_VV[apart_VV & second[:, None] & ~second]
    return float(across.mean()) / float(np.exp(np.mean(np.log(alike))))


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in spans:
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)
