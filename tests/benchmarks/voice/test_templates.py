import itertools

import numpy as np
import pytest
from benchmarks.voice.templates import match, warped_distances

from yinse.engine.audio.waveform import Waveform


def melody(notes: list[float], tempo: float, seed: int) -> Waveform:
    """A sequence of chords; the seed changes their colour a little."""
    generator = np.random.default_rng(seed)
    time = np.arange(round(16000 * tempo)) / 16000
    parts = [
        sum(generator.uniform(0.5, 1) / k * np.sin(2 * np.pi * k * note * time) for k in range(1, 9))
        for note in notes
    ]
    return Waveform((0.1 * np.concatenate(parts)).astype(np.float32), 16000)


TUNES = [[220, 440, 330, 550], [550, 330, 440, 220], [300, 300, 500, 200]]


def test_tempo_does_not_matter_and_order_does():
    said = [melody(tune, 0.20, seed) for seed, tune in enumerate(TUNES)]
    templates = [melody(tune, 0.31, seed + 10) for seed, tune in enumerate(TUNES)]
    assert match(said, templates).choices == (0, 1, 2)


def unit_frames(angles) -> np.ndarray:
    return np.array([[np.cos(a), np.sin(a)] for a in angles], np.float32)


def cell_by_cell(first: np.ndarray, second: np.ndarray) -> float:
    """The recursion as the paper writes it."""
    local = 1 - first @ second.T
    total = np.full(local.shape, np.inf)
    total[0, 0] = 2 * local[0, 0]
    for i, j in itertools.product(range(1, len(first)), range(1, len(second))):
        ways = [total[i - 1, j - 1] + 2 * local[i, j]]
        if j >= 2:
            ways.append(total[i - 1, j - 2] + 2 * local[i, j - 1] + local[i, j])
        if i >= 2:
            ways.append(total[i - 2, j - 1] + 2 * local[i - 1, j] + local[i, j])
        total[i, j] = min(ways)
    return total[-1, -1] / (len(first) + len(second))


def test_all_templates_at_once_equal_one_by_one():
    generator = np.random.default_rng(0)
    speech = unit_frames(generator.uniform(0, 6, 11))
    templates = [unit_frames(generator.uniform(0, 6, length)) for length in (8, 11, 17, 25)]
    expected = [cell_by_cell(speech, template) for template in templates]
    assert warped_distances(speech, templates) == pytest.approx(expected)


def test_too_fast_or_too_slow_is_no_match():
    distances = warped_distances(unit_frames([0.0] * 4), [unit_frames([0.0] * 9), unit_frames([0.0] * 7)])
    assert np.isinf(distances[0])
    assert distances[1] == pytest.approx(0.0, abs=1e-6)


def test_as_many_templates_as_waveforms():
    with pytest.raises(ValueError, match="1 waveforms for 2 templates"):
        match([melody([220], 0.3, 0)], [melody([220], 0.3, 0)] * 2)
