from collections.abc import Callable, Sequence

import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.quality.measures.reading import Reading
from yinse.quality.observe.observer import Observation
from yinse.quality.segments import FLAWS, usable_segments

Heard = Callable[[np.ndarray, Sequence[tuple[float, float]]], Observation]
RATE = 48_000
FLAWLESS = {name: Reading(0.0) for name in FLAWS}
SPEECH = [(1.0, 7.0), (9.0, 15.5), (18.0, 20.0), (22.0, 28.0)]


@pytest.fixture
def seen(rng: np.random.Generator, heard: Heard) -> Observation:
    """Half a minute with a buzz where speech is said to be, the last time much softer."""
    time = np.arange(30 * RATE) / RATE
    level = sum(((time >= a) & (time < b)) * (0.01 if a == 22.0 else 0.1) for a, b in SPEECH)
    buzz = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 8))
    return heard(level * buzz + 1e-4 * rng.standard_normal(len(time)), SPEECH)


def test_the_best_stretch_comes_first_and_short_ones_not_at_all(seen: Observation) -> None:
    segments = usable_segments(seen, FLAWLESS)
    assert [round(segment.span.start) for segment in segments] == [1, 9, 22]
    assert segments[-1].score < segments[0].score - 10
    assert all(3.0 <= segment.span.seconds <= 10.0 for segment in segments)


def _starts(seen: Observation, music: float) -> dict[int, float]:
    """Score of each usable segment by the second it begins in, with music of so many percent at 4 s."""
    readings = {**FLAWLESS, "music": Reading(music, (Span(4.0, 4.5),))}
    return {round(segment.span.start): segment.score for segment in usable_segments(seen, readings)}


def test_flaws_rule_out_if_serious_and_cost_if_slight(seen: Observation) -> None:
    slight, serious = _starts(seen, 1.0), _starts(seen, 50.0)
    assert set(slight) == {1, 9, 22}
    assert set(serious) == {9, 22}
    assert slight[1] < slight[9] - 10


def test_noise_under_the_speech_costs(rng: np.random.Generator, heard: Heard) -> None:
    time = np.arange(8 * RATE) / RATE
    voice = ((time >= 1) & (time < 7)) * 0.1 * np.sin(2 * np.pi * 140 * time)
    noise = rng.standard_normal(len(time))
    quiet, noisy = (
        usable_segments(heard(voice + level * noise, [(1.0, 7.0)]), FLAWLESS) for level in (1e-4, 1e-2)
    )
    assert noisy[0].score < quiet[0].score - 10


def test_silence_has_none(heard: Heard) -> None:
    silent = heard(np.zeros(RATE), [])
    assert usable_segments(silent, FLAWLESS) == ()
