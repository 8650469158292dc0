"""A raw recording to clean slices with, where its words are known, the phonemes of each."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from yinse.contracts.errors import RecordingRejected
from yinse.contracts.quality import Span
from yinse.engine.audio.denoise import denoise_if_helpful
from yinse.engine.audio.slicing import Slice as SpeechSlice
from yinse.engine.audio.slicing import slice_speech
from yinse.engine.audio.vad import speech_spans
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.content.phonetic.alignment import fits, forced_alignment
from yinse.engine.text.inventory import SYMBOL_IDS, is_spoken
from yinse.engine.voice.enrol import Slice
from yinse.engine.voice.listen import hear, level

SCORE_SECONDS: Final = 0.02
SHUFFLES: Final = (3, 19)
MARGIN: Final = 0.4
"""A line is believed to have been read if it fits better, by so many nats a sound, than each of 19 shuffles of its sounds (fewer
of a long line). Of 70 sentences of 14 strangers 68 were believed where they were read, 1 of 140 where others were."""
_SHUFFLED_SOUNDS = 20_000
_MOST_CELLS = 200_000_000
"""Frames times states of one alignment, a byte each: a text of ten minutes in one line is not laid over the sound."""
LEEWAY: Final = 1.0
"""Seconds by which a line may be read sooner or later than it was shown."""
EDGE: Final = 0.12
"""Seconds by which a sound may lie outside what was found to be speech: a soft one ends many a sentence."""
LONGEST_UNTOLD: Final = 1.5
"""Seconds of speech without a sound of a known line, in which somebody must have said something else."""

Placed: TypeAlias = tuple[str, float]
"""A spoken symbol and the second it is heard at."""


@dataclass(frozen=True, slots=True)
class Line:
    """Symbols of words that a recording says between two seconds, more or less."""

    symbols: Sequence[str]
    start: float = 0.0
    end: float = math.inf


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: audio, what is known of its words, in order, and its measured SNR."""

    waveform: Waveform
    lines: Sequence[Line]
    snr_db: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """Slices ready for enrolment, and what was done to get them."""

    slices: list[Slice]
    denoised: bool
    reason: str
    words_known: bool
    """Of one slice at least."""


def prepare(
    models: BaseModels, recording: Recording, *, voice_band: Callable[[Waveform, Sequence[Span]], float]
) -> Prepared:
    """Find speech, remove noise where that helps, and cut slices.

    `voice_band` tells how high the voice in some spans of a waveform reaches, in Hz.
    """
    spans = speech_spans(recording.waveform)
    if not spans:
        raise RecordingRejected("no speech was found in the recording")
    cleaned = denoise_if_helpful(
        recording.waveform,
        spans,
        recording.snr_db,
        voice_band=lambda waveform: voice_band(waveform, spans),
    )
    cut = slice_speech(cleaned.waveform, spans)
    if not cut:
        raise RecordingRejected(
            "there are less than two seconds of speech in the recording; speak a few full sentences"
        )
    placed = _placed(models, cleaned.waveform, recording.lines)
    slices = [Slice(one.waveform, _within(placed, one)) for one in cut]
    known = any(one.symbols for one in slices)
    return Prepared(slices, cleaned.applied, cleaned.reason, known)


def _placed(models: BaseModels, waveform: Waveform, lines: Sequence[Line]) -> list[Placed]:
    """Every spoken symbol of the lines that fit, with the second it is heard at."""
    if not lines:
        return []
    scores_UV = hear(models, level(waveform)).scores_UV
    placed: list[Placed] = []
    for line in lines:
        after = placed[-1][1] if placed else 0.0
        placed += _line_placed(scores_UV, line, after)
    return placed


def _line_placed(scores_UV: npt.NDArray[np.float32], line: Line, after: float) -> list[Placed]:
    """The line within its seconds and behind what is `after`; nothing if it does not fit."""
    first = round(max(line.start - LEEWAY, after, 0.0) / SCORE_SECONDS)
    last = round(min((line.end + LEEWAY) / SCORE_SECONDS, len(scores_UV)))
    spoken = [symbol for symbol in line.symbols if is_spoken(symbol)]
    if first >= last or not spoken or (last - first) * 2 * len(spoken) > _MOST_CELLS:
        return []
    ids = [SYMBOL_IDS[symbol] for symbol in spoken]
    aligned = forced_alignment(scores_UV[first:last], ids)
    if aligned is None or not _believed(scores_UV[first:last], ids):
        return []
    middles = [SCORE_SECONDS * (first + (begin + end) / 2) for begin, end in aligned.spans]
    return list(zip(spoken, middles, strict=True))


def _believed(scores_UV: npt.NDArray[np.float32], ids: Sequence[int]) -> bool:
    """Whether the sounds fit clearly better in this order than in any other that is tried."""
    fewest, most = SHUFFLES
    shuffled = Random(len(ids))
    count = min(max(_SHUFFLED_SOUNDS // len(ids), fewest), most)
    own, *others = fits(scores_UV, [ids, *(shuffled.sample(ids, len(ids)) for _ in range(count))])
    return bool(own - max(others) >= MARGIN * len(ids))


def _within(placed: Sequence[Placed], one: SpeechSlice) -> list[str] | None:
    """What is said in a slice; None if there is speech in it whose words nobody knows."""
    told: list[str] = []
    for span in one.spans:
        first, last = span.start - EDGE, span.end + EDGE
        inside = [(symbol, second) for symbol, second in placed if first <= second < last]
        edges = [span.start, *(second for _, second in inside), span.end]
        if max(after - before for before, after in pairwise(edges)) > LONGEST_UNTOLD:
            return None
        told += [symbol for symbol, _ in inside]
    return told or None
