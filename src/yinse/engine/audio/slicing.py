"""Recordings to slices of two to twelve seconds: cut where it is quietest, long silences left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.engine.audio.vad import speech_spans
from yinse.engine.audio.waveform import Samples, Waveform

LEVEL_HOP = 0.01
"""Seconds between two levels of `levels_db`."""

_SILENCE_DB = -120.0
_SMOOTH_FRAMES = 15
_FADE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class SlicePolicy:
    """Lengths of slices in seconds.

    Pauses up to `natural_pause` stay as they were spoken; of longer ones `margin` remains beside the speech.
    """

    shortest: float = 2.0
    longest: float = 12.0
    natural_pause: float = 0.7
    margin: float = 0.2


@dataclass(frozen=True, slots=True)
class Slice:
    """Speech cut out of a recording: its samples, and the spans of the recording they come from, in order."""

    waveform: Waveform
    spans: tuple[Span, ...]


def slice_speech(
    waveform: Waveform, spans: Sequence[Span] | None = None, policy: SlicePolicy = SlicePolicy()
) -> list[Slice]:
    """Cut the speech of `waveform` into slices of `policy.shortest` to `policy.longest` seconds.

    `spans` are those of `speech_spans`, found here if not given. A remainder too short to stand alone joins a
    neighbour; speech shorter than `policy.shortest` in all gives no slice.
    """
    found = speech_spans(waveform) if spans is None else spans
    plan = plan_slices(found, levels_db(waveform), waveform.seconds, policy)
    return [Slice(_joined(waveform, parts), parts) for parts in plan]


def levels_db(waveform: Waveform) -> npt.NDArray[np.float32]:
    """Root mean square level of each 10 ms in dBFS, at least -120: (ceil(seconds / 0.01),)."""
    count = int(np.ceil(waveform.seconds / LEVEL_HOP - 1e-9))
    if count == 0:
        return np.zeros(0, np.float32)
    starts = np.arange(count) * waveform.rate // round(1 / LEVEL_HOP)
    energy = np.add.reduceat(np.square(waveform.samples, dtype=np.float64), starts)
    mean = energy / np.diff(np.append(starts, len(waveform.samples)))
    return np.maximum(10.0 * np.log10(np.maximum(mean, 1e-30)), _SILENCE_DB).astype(np.float32)


def plan_slices(
    spans: Sequence[Span],
    levels: npt.NDArray[np.float32],
    seconds: float,
    policy: SlicePolicy = SlicePolicy(),
) -> list[tuple[Span, ...]]:
    """Decide which spans of the recording make up each slice; `levels` as of `levels_db`."""
    return _join_short(plan_pieces(spans, levels, seconds, policy), policy)


def plan_pieces(
    spans: Sequence[Span],
    levels: npt.NDArray[np.float32],
    seconds: float,
    policy: SlicePolicy = SlicePolicy(),
) -> list[Span]:
    """Cut at long pauses, and at the quietest moment what is too long; pieces may be too short to stand alone."""
    smooth = _smoothed(levels)
    whole = _pieces(spans, seconds, policy)
    return [part for piece in whole for part in _split_long(piece, smooth, policy)]


def _smoothed(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    kernel = np.hanning(_SMOOTH_FRAMES + 2)[1:-1]
    padded = np.pad(levels.astype(np.float64), _SMOOTH_FRAMES // 2, mode="edge") if len(levels) else levels
    return np.convolve(padded, kernel / kernel.sum(), mode="valid") if len(levels) else np.zeros(0)


def _pieces(spans: Sequence[Span], seconds: float, policy: SlicePolicy) -> list[Span]:
    """Join spans over natural pauses and leave `margin` of silence around what results."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start - joined[-1].end <= policy.natural_pause:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return [Span(max(0.0, s.start - policy.margin), min(seconds, s.end + policy.margin)) for s in joined]


def _split_long(piece: Span, smooth: npt.NDArray[np.float64], policy: SlicePolicy) -> list[Span]:
    """Halve a piece at its quietest moment until every part is short enough."""
    if piece.seconds <= policy.longest:
        return [piece]
    first = int(np.ceil((piece.start + policy.shortest) / LEVEL_HOP))
    last = int((piece.end - policy.shortest) / LEVEL_HOP)
    cut = (first + int(np.argmin(smooth[first:last]))) * LEVEL_HOP
    return [
        part
        for half in (Span(piece.start, cut), Span(cut, piece.end))
        for part in _split_long(half, smooth, policy)
    ]


def _join_short(pieces: Sequence[Span], policy: SlicePolicy) -> list[tuple[Span, ...]]:
    """Gather pieces until a slice is long enough; a short rest goes to the slice before it if it fits."""
    slices: list[tuple[Span, ...]] = []
    current: tuple[Span, ...] = ()
    for piece in pieces:
        if current and _length((*current, piece)) > policy.longest:
            current = ()
        current = (*current, piece)
        if _length(current) >= policy.shortest:
            slices.append(current)
            current = ()
    if current and slices and _length((*slices[-1], *current)) <= policy.longest:
        slices[-1] = (*slices[-1], *current)
    return slices


def _length(parts: Sequence[Span]) -> float:
    return sum(part.seconds for part in parts)


def _joined(waveform: Waveform, parts: Sequence[Span]) -> Waveform:
    """Concatenate spans of a recording with a short crossfade, so that no seam clicks."""
    pieces = [waveform.slice_seconds(part.start, part.end).samples for part in parts]
    fade = round(_FADE_SECONDS * waveform.rate)
    seams = [min(fade, len(a), len(b)) for a, b in pairwise(pieces)]
    joined = pieces[0].copy()
    for piece, seam in zip(pieces[1:], seams, strict=True):
        joined = _crossfaded(joined, piece, seam)
    return Waveform(joined, waveform.rate)


def _crossfaded(before: Samples, after: Samples, seam: int) -> Samples:
    rising = np.linspace(0.0, 1.0, seam, dtype=np.float32)
    blended = before[len(before) - seam :] * (1.0 - rising) + after[:seam] * rising
    return np.concatenate([before[: len(before) - seam], blended, after[seam:]])
