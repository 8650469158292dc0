"""Forced alignment against every path there is, and timelines by hand."""

from itertools import groupby, product

import numpy as np
import pytest

from yinse.engine.models.content.phonetic.alignment import (
    AlignedPhonemes,
    fits,
    forced_alignment,
    greedy_path,
    greedy_phonemes,
    timeline,
    unspoken,
)

A, B, MARK, OTHER, PAUSE = 10, 11, 20, 21, 99


def scores(frames: int, symbols: int, seed: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, 2, (frames, symbols))
    return (logits - np.log(np.exp(logits).sum(1, keepdims=True))).astype(np.float32)


def best_path(scores_UV: np.ndarray, phonemes: list[int]) -> tuple[float, list[int]]:
    frames, symbols = scores_UV.shape
    paths = [
        path
        for path in product(range(symbols), repeat=frames)
        if [symbol for symbol, _ in groupby(path) if symbol] == phonemes
    ]
    return max((float(scores_UV[range(frames), path].mean()), list(path)) for path in paths)


@pytest.mark.parametrize("phonemes", [[1], [1, 2], [1, 1], [2, 1, 2], [1, 2, 2]])
@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_all_paths_is_found(phonemes, seed):
    scores_UV = scores(6, 3, seed)
    found = forced_alignment(scores_UV, phonemes)
    score, path = best_path(scores_UV, phonemes)
    assert found is not None
    assert found.score == pytest.approx(score, abs=1e-5)
    laid = [0] * 6
    for phoneme, (first, last) in zip(phonemes, found.spans, strict=True):
        assert first < last
        laid[first:last] = [phoneme] * (last - first)
    assert laid == path


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("phonemes", [[1, 2], [1, 2, 2, 3], [1, 2, 1, 2, 3, 3], [3, 1, 4, 2, 2, 1, 3, 4]])
def test_leaving_out_is_compared_as_if_each_text_were_laid_by_itself(phonemes, seed):
    scores_UV = scores(20, 5, seed)
    shorter = [
        phonemes[:start] + phonemes[start + count :]
        for count in range(2, min(6, len(phonemes)) + 1)
        for start in range(len(phonemes) - count + 1)
    ]
    whole, *gains = fits(scores_UV, [phonemes, *(text for text in shorter if text)])
    if not all(shorter):
        gains.append(scores_UV[:, 0].sum())
    assert unspoken(scores_UV, phonemes) == pytest.approx(max(gains) - whole, abs=1e-3)


def test_a_single_phoneme_leaves_nothing_out():
    assert unspoken(scores(5, 4, 0), [2]) == -np.inf


def test_a_text_too_long_for_the_audio_is_not_spoken():
    assert unspoken(scores(3, 4, 0), [1, 2, 3, 1]) == np.inf


def test_a_text_too_long_for_the_audio_is_not_placed():
    assert forced_alignment(scores(3, 3, 0), [1, 2, 1, 2]) is None
    assert forced_alignment(scores(3, 3, 0), [1, 1, 1]) is None
    assert forced_alignment(scores(3, 3, 0), []) is None


def test_free_recognition_reads_off_the_best_symbols():
    path = [0, 1, 1, 0, 1, 2, 0]
    scores_UV = np.full((7, 3), -9.0, np.float32)
    scores_UV[range(7), path] = -0.1
    assert greedy_phonemes(scores_UV) == [1, 1, 2]
    found = greedy_path(scores_UV)
    assert isinstance(found, AlignedPhonemes)
    assert found.spans == ((1, 3), (4, 5), (5, 6))
    assert greedy_path(np.log(np.array([[0.9, 0.1]] * 4, np.float32))) is None


def lay(symbols: list[int], spans: list[tuple[int, int]], quiet: list[range], frames: int = 20):
    energy = np.zeros(frames, np.float32)
    for piece in quiet:
        energy[list(piece)] = -10
    spoken = [symbol in (A, B) for symbol in symbols]
    aligned = AlignedPhonemes(tuple(spans), -0.1)
    laid = timeline(symbols, spoken, aligned, energy, frames // 2, PAUSE)
    said = [laid.symbols[index] for index in laid.pointer_T]
    return laid.symbols, [(symbol, len(list(run))) for symbol, run in groupby(said)], laid


def test_quiet_without_a_mark_becomes_a_pause():
    symbols, said, _ = lay([A, B], [(4, 6), (12, 14)], [range(4), range(8, 12), range(16, 20)])
    assert symbols == (PAUSE, A, PAUSE, B, PAUSE)
    assert said == [(PAUSE, 2), (A, 2), (PAUSE, 2), (B, 2), (PAUSE, 2)]


def test_a_mark_takes_the_quiet_at_its_place():
    symbols, said, _ = lay([A, MARK, B], [(0, 6), (12, 20)], [range(8, 12)])
    assert symbols == (A, MARK, B)
    assert said == [(A, 4), (MARK, 2), (B, 4)]


def test_a_mark_without_quiet_takes_no_frame():
    symbols, said, laid = lay([A, MARK, B], [(0, 6), (12, 20)], [])
    assert symbols == (A, MARK, B)
    assert said == [(A, 4), (B, 6)], "the frames between two phonemes are halved"
    assert 1 not in laid.pointer_T


def test_short_quiet_is_no_pause():
    symbols, said, _ = lay([A, B], [(0, 6), (12, 20)], [range(8, 11)])
    assert symbols == (A, B)
    assert said == [(A, 4), (B, 6)]


def test_of_two_marks_the_first_takes_the_quiet():
    symbols, said, _ = lay([A, MARK, OTHER, B], [(0, 6), (12, 20)], [range(8, 12)])
    assert symbols == (A, MARK, OTHER, B)
    assert said == [(A, 4), (MARK, 2), (B, 4)]


def test_marks_at_the_edges():
    loud, said, _ = lay([MARK, A, OTHER], [(2, 18)], [])
    assert loud == (MARK, A, OTHER)
    assert said == [(A, 10)]
    quiet, said, _ = lay([MARK, A, OTHER], [(6, 12)], [range(4), range(14, 20)])
    assert quiet == (MARK, A, OTHER)
    assert said == [(MARK, 2), (A, 5), (OTHER, 3)]


def test_pointers_only_ever_move_on():
    random = np.random.default_rng(0)
    energy = random.choice([0.0, -10.0], 400).astype(np.float32)
    edges = np.sort(random.choice(np.arange(1, 399), 40, replace=False)).reshape(-1, 2)
    symbols = [symbol for number in range(20) for symbol in ((A, MARK) if number % 3 else (B,))]
    spoken = [symbol in (A, B) for symbol in symbols]
    aligned = AlignedPhonemes(tuple(map(tuple, edges.tolist())), 0.0)
    laid = timeline(symbols, spoken, aligned, energy, 200, PAUSE)
    assert (np.diff(laid.pointer_T) >= 0).all()
    assert [s for s in laid.symbols if s != PAUSE] == symbols
    assert len(laid.pointer_T) == 200
