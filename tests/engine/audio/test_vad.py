import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.engine.audio.vad import (
    WINDOW_SECONDS,
    VadPolicy,
    VoiceActivity,
    spans_of,
    speech_probabilities,
    speech_spans,
)
from yinse.engine.audio.waveform import Waveform

Speech = Callable[[str, int], list[Waveform]]
BARE = VadPolicy(padding=0.0, shortest_speech=0.0, shortest_gap=0.0)


def _spans(probabilities: list[float], policy: VadPolicy = BARE) -> list[tuple[float, float]]:
    array = np.array(probabilities, np.float32)
    found = spans_of(array, len(array) * WINDOW_SECONDS, policy)
    return [(round(s.start / WINDOW_SECONDS, 2), round(s.end / WINDOW_SECONDS, 2)) for s in found]


def test_hysteresis_holds_between_the_thresholds() -> None:
    assert _spans([0.4, 0.6, 0.4, 0.4, 0.3, 0.4, 0.9]) == [(1, 4), (6, 7)]


def test_nothing_and_everything() -> None:
    assert _spans([]) == []
    assert _spans([0.1] * 5) == []
    assert _spans([0.9] * 5) == [(0, 5)]


def test_short_gaps_close_and_short_bursts_drop() -> None:
    policy = VadPolicy(padding=0.0, shortest_gap=2 * WINDOW_SECONDS, shortest_speech=2 * WINDOW_SECONDS)
    assert _spans([1, 0, 0, 1, 1, 0, 0, 0, 1, 0], policy) == [(0, 5)]


def test_padding_meets_in_the_middle_and_stays_inside() -> None:
    policy = VadPolicy(padding=10 * WINDOW_SECONDS, shortest_gap=0.0, shortest_speech=0.0)
    assert _spans([0, 1, 0, 0, 1, 0], policy) == [(0, 3), (3, 6)]


def test_silence_and_noise_are_not_speech(rng: np.random.Generator) -> None:
    for samples in (np.zeros(32_000), 0.1 * rng.standard_normal(32_000)):
        assert speech_spans(Waveform(samples.astype(np.float32), 16_000)) == []


def test_every_window_has_a_probability() -> None:
    for length in (0, 1, 511, 512, 513, 16_000):
        waveform = Waveform(np.zeros(length, np.float32), 16_000)
        assert len(speech_probabilities(waveform)) == -(-length // 512)


@pytest.mark.speech
def test_speech_is_found_where_it_is(speech: Speech) -> None:
    voice = speech("aishell3_samples", 4)[3]
    lead = np.zeros(3 * voice.rate, np.float32)
    spans = speech_spans(Waveform(np.concatenate([lead, voice.samples, lead]), voice.rate))
    loud = np.flatnonzero(np.abs(voice.samples) > 0.1 * np.abs(voice.samples).max()) / voice.rate
    assert spans[0].start == pytest.approx(3.0 + loud[0], abs=0.3)
    assert spans[-1].end == pytest.approx(3.0 + loud[-1], abs=0.3)
    assert sum(s.seconds for s in spans) > 0.7 * (loud[-1] - loud[0])


@pytest.mark.speech
@pytest.mark.parametrize("chunk", [160, 4801, 24_000])
def test_any_chunking_equals_the_whole(chunk: int, speech: Speech) -> None:
    voice = speech("aishell3_samples", 1)[0]
    detector = VoiceActivity(voice.rate)
    parts = [detector.push(voice.samples[i : i + chunk]) for i in range(0, len(voice.samples), chunk)]
    streamed = np.concatenate([*parts, detector.finish()])
    assert np.allclose(streamed, speech_probabilities(voice), atol=1e-3)


def test_spans_know_their_order() -> None:
    with pytest.raises(ValueError, match="start <= end"):
        Span(2.0, 1.0)


BESIDE_TORCH = """
from pathlib import Path
import numpy as np
import torch
from yinse.engine.audio.vad import speech_probabilities
from yinse.engine.audio.waveform import Waveform

def threads():
    return len(list(Path("/proc/self/task").iterdir()))

torch.set_num_threads(1)
torch.ones(64, 64) @ torch.ones(64, 64)
before = threads()
speech_probabilities(Waveform(np.zeros(16000, np.float32), 16000))
print(threads() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells a process's threads")
def test_the_detector_starts_no_threads_even_where_torch_has_brought_an_openmp_of_its_own() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", BESIDE_TORCH]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["0"]
