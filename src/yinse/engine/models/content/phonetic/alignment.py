"""Where each phoneme is spoken: the best CTC path of a known text, and the pauses between.

Legend: U score frames (50/s), V symbols, S states of the CTC trellis, L phonemes, T token frames (25/s).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
BLANK = 0
LEFT_OUT = (2, 6)
"""Phonemes in a row, fewest and most, that may turn out not to be spoken."""
MINIMAL_PAUSE = 4
"""Score frames (20 ms each) of quiet that count as a pause."""
QUIET_BELOW = 3.2
"""Nats of log-mel under the loud frames at which a frame is quiet (28 dB)."""


@dataclass(frozen=True, slots=True)
class AlignedPhonemes:
    """First and one-past-last score frame of every phoneme, and the path's mean log-probability a frame."""

    spans: tuple[tuple[int, int], ...]
    score: float


def forced_alignment(scores_UV: Scores, phonemes: list[int]) -> AlignedPhonemes | None:
    """Viterbi path of a phoneme sequence through CTC log-probabilities; None if the audio is too short.

    Graves et al. 2006; states alternate blank and phoneme, so state 2 i + 1 is phoneme i.
    """
    if not phonemes:
        return None
    states, frames = _states(phonemes), len(scores_UV)
    may_skip = _may_skip(states)
    best = np.full(len(states), -np.inf, np.float32)
    best[:2] = scores_UV[0, states[:2]]
    came_US = np.zeros((frames, len(states)), np.int8)
    for frame in range(1, frames):
        stay, step, skip = best, _shifted(best, 1), np.where(may_skip, _shifted(best, 2), -np.inf)
        options = np.stack([stay, step, skip])
        came_US[frame] = options.argmax(0)
        best = options.max(0) + scores_UV[frame, states]
    state = len(states) - 1 if best[-1] >= best[-2] else len(states) - 2
    if not np.isfinite(best[state]):
        return None
    total = float(best[state])
    path = np.empty(frames, np.int64)
    for frame in range(frames - 1, -1, -1):
        path[frame] = state
        state -= int(came_US[frame, state])
    return AlignedPhonemes(_spans(path, len(phonemes)), total / frames)


def unspoken(scores_UV: Scores, phonemes: list[int]) -> float:
    """Nats that the best CTC path of a text gains by leaving out the stretch of two to six phonemes it is best without.

    Below zero every stretch was heard; infinite if the audio is too short for the text. A path that leaves phonemes out is one up
    to the first of them and one from after the last, so that all stretches are compared by one pass forwards and one backwards.
    """
    symbols_L, states_S = np.array(phonemes), _states(phonemes)
    forth_US = _passed(scores_UV, states_S)
    rest_UL = _passed(scores_UV[::-1], states_S[::-1])[::-1, ::-1][:, 1::2]
    whole = float(forth_US[-1, -2:].max())
    if not np.isfinite(whole):
        return math.inf
    pausing_UL, sounding_UL = forth_US[:, ::2], forth_US[:, 1::2]
    best = -math.inf
    for left_out in range(LEFT_OUT[0], min(LEFT_OUT[1], len(phonemes)) + 1):
        kept = len(phonemes) - left_out
        if not kept:
            best = max(best, float(pausing_UL[-1, 0]))
            continue
        # Before each phoneme that may come next: a pause, or the phoneme before the stretch unless both are the same.
        before_UL = pausing_UL[:-1, :kept].copy()
        differ_L = symbols_L[: kept - 1] != symbols_L[left_out + 1 :]
        sounding = np.where(differ_L, sounding_UL[:-1, : kept - 1], np.float32(-np.inf))
        np.maximum(before_UL[:, 1:], sounding, out=before_UL[:, 1:])
        within = (before_UL + rest_UL[1:, left_out:]).max()
        best = max(
            best, *map(float, (within, rest_UL[0, left_out], pausing_UL[-1, kept], sounding_UL[-1, kept - 1]))
        )
    return best - whole


def _passed(scores_UV: Scores, states_S: npt.NDArray[np.int64]) -> Scores:
    """Log-probability of the best CTC path that is in a state at a frame: (U, S)."""
    may_skip_S = _may_skip(states_S)
    passed_US = scores_UV[:, states_S]
    passed_US[0, 2:] = -np.inf
    for before_S, best_S in pairwise(passed_US):
        best_S += _reached(before_S, may_skip_S)
    return passed_US


def fits(scores_UV: Scores, texts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
    """Log-probability of the best CTC path of each of many phoneme sequences: (N,); -inf where one is too long.

    The same recursion as `forced_alignment`, for all sequences at once and without their paths.
    """
    lengths = np.array([len(text) for text in texts])
    states_NS = np.full((len(texts), 2 * int(lengths.max(initial=0)) + 1), BLANK)
    for row, text in zip(states_NS, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    may_skip_NS = _may_skip(states_NS)
    best_NS = np.full(states_NS.shape, -np.inf, np.float32)
    best_NS[:, :2] = scores_UV[0][states_NS[:, :2]]
    for scores_V in scores_UV[1:]:
        best_NS = _reached(best_NS, may_skip_NS) + scores_V[states_NS]
    rows = np.arange(len(texts))
    ends: npt.NDArray[np.float32] = np.maximum(best_NS[rows, 2 * lengths], best_NS[rows, 2 * lengths - 1])
    return ends


def _states(phonemes: Sequence[int]) -> npt.NDArray[np.int64]:
    """Blanks around and between the phonemes: (S,)."""
    states_S = np.full(2 * len(phonemes) + 1, BLANK)
    states_S[1::2] = phonemes
    return states_S


def _may_skip(states: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Where a phoneme may follow the one before without a blank between: (..., S)."""
    may_skip = np.zeros(states.shape, bool)
    may_skip[..., 3::2] = states[..., 3::2] != states[..., 1:-2:2]
    return may_skip


def _reached(best: Scores, may_skip: npt.NDArray[np.bool_]) -> Scores:
    """The best way into every state, from itself, the one before, or the one before that: (..., S)."""
    skip = np.where(may_skip, _shifted(best, 2), np.float32(-np.inf))
    reached: Scores = np.maximum(np.maximum(best, _shifted(best, 1)), skip)
    return reached


def _shifted(values: npt.NDArray[np.float32], by: int) -> npt.NDArray[np.float32]:
    out = np.full_like(values, -np.inf)
    out[..., by:] = values[..., :-by]
    return out


def _spans(path: npt.NDArray[np.int64], count: int) -> tuple[tuple[int, int], ...]:
    first = np.searchsorted(path, 2 * np.arange(count) + 1, "left")
    last = np.searchsorted(path, 2 * np.arange(count) + 1, "right")
    return tuple(zip(first.tolist(), last.tolist(), strict=True))


def greedy_path(scores_UV: Scores) -> AlignedPhonemes | None:
    """Spans of the freely recognised phonemes, None if there are none; pair with `greedy_phonemes`."""
    best = scores_UV.argmax(1)
    edges = np.flatnonzero(np.diff(best, prepend=-1))
    ends = np.append(edges[1:], len(best))
    spans = tuple((int(a), int(b)) for a, b in zip(edges, ends, strict=True) if best[a] != BLANK)
    return AlignedPhonemes(spans, float(scores_UV.max(1).mean())) if spans else None


def greedy_phonemes(scores_UV: Scores) -> list[int]:
    """Phonemes of the best path without a given text."""
    best = scores_UV.argmax(1)
    edges = np.flatnonzero(np.diff(best, prepend=-1))
    return [int(best[edge]) for edge in edges if best[edge] != BLANK]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Symbols with pauses made explicit, and which of them is being spoken at every token frame: (T,)."""

    symbols: tuple[int, ...]
    pointer_T: npt.NDArray[np.int32]


def timeline(
    symbols: list[int],
    spoken: list[bool],
    aligned: AlignedPhonemes,
    energy_U: Scores,
    tokens: int,
    pause: int,
) -> Timeline:
    """Lay symbols over token frames.

    `symbols` may hold marks between phonemes (`spoken` False): a mark takes the quiet found at its place, or
    no frame at all; quiet without a mark becomes the symbol `pause`. Frames between two phonemes without
    quiet are halved.
    """
    quiet_U = energy_U < np.percentile(energy_U, 95) - QUIET_BELOW
    frames = len(energy_U)
    spans = [(-1, 0), *aligned.spans, (frames, frames + 1)]
    out: list[int] = []
    starts: list[int] = []
    boundary, gap_marks, index = 0, [], 0
    for symbol, voiced in [*zip(symbols, spoken, strict=True), (-1, True)]:
        if not voiced:
            gap_marks.append(symbol)
            continue
        rest, resume = _gap(quiet_U, spans[index][1], spans[index + 1][0], index == 0, symbol == -1)
        if rest < resume:
            gap_marks = gap_marks or [pause]
        for mark in gap_marks:
            out.append(mark)
            starts.append(rest)
            rest = resume if rest < resume else rest
        if symbol != -1:
            out.append(symbol)
            starts.append(max(resume, boundary))
        boundary, gap_marks, index = resume, [], index + 1
    centres = (np.arange(tokens) * 2) + 1
    pointer = np.searchsorted(np.array(starts), centres, "right") - 1
    return Timeline(tuple(out), np.maximum(pointer, 0).astype(np.int32))


def _gap(
    quiet_U: npt.NDArray[np.bool_], left: int, right: int, leading: bool, trailing: bool
) -> tuple[int, int]:
    """Where the pause between two phonemes begins and ends; equal where there is none."""
    run = _longest_run(quiet_U[left:right])
    if run is not None and run[1] - run[0] >= MINIMAL_PAUSE:
        begin, end = left + run[0], left + run[1]
        return (0 if leading else begin), (len(quiet_U) if trailing else end)
    if leading:
        return 0, 0
    middle = len(quiet_U) if trailing else (left + right + 1) // 2
    return middle, middle


def _longest_run(flags: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.view(np.int8), [0]])))
    if not len(edges):
        return None
    begins, ends = edges[::2], edges[1::2]
    best = int((ends - begins).argmax())
    return int(begins[best]), int(ends[best])
