import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.engine.audio.waveform import Waveform
from yinse.quality.observe.observer import Observation, Observer, frames_within, observe

Voice = Callable[[str, str, float], Waveform]


def _streamed(waveform: Waveform, chunk: int) -> Observation:
    observer = Observer(waveform.rate)
    for start in range(0, len(waveform.samples), chunk):
        observer.push(waveform.samples[start : start + chunk])
    observer.finish()
    return observer.observation()


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
@pytest.mark.parametrize("chunk", [333, 4_410])
def test_any_chunking_observes_the_same(rate: int, chunk: int, rng: np.random.Generator) -> None:
    time = np.arange(2 * rate) / rate
    sound = 0.3 * np.sin(2 * np.pi * 170 * time) + 0.05 * rng.standard_normal(len(time))
    sound[rate // 2 : rate] = 0.0
    waveform = Waveform(sound.astype(np.float32), rate)
    whole, streamed = observe(waveform), _streamed(waveform, chunk)
    for field in dataclasses.fields(Observation):
        one, other = getattr(whole, field.name), getattr(streamed, field.name)
        if isinstance(one, np.ndarray):
            assert one.shape == other.shape, field.name
            assert np.allclose(one, other, rtol=2e-3, atol=1e-6), field.name
        else:
            assert one == pytest.approx(other) if isinstance(one, float) else one == other, field.name


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.02, 0.3])
def test_moments_can_be_observed(seconds: float) -> None:
    seen = observe(Waveform(np.full(round(seconds * 16_000), 0.1, np.float32), 16_000))
    assert seen.spans == ()
    assert len(seen.peak) == len(seen.mel) == len(seen.hertz) == len(seen.speech)


def test_memory_grows_by_the_second_and_not_by_the_chunk() -> None:
    observer = Observer(48_000)
    for _ in range(200):
        observer.push(np.zeros(4_800, np.float32))
    seen = observer.observation()
    arrays = [getattr(seen, field.name) for field in dataclasses.fields(seen)]
    held = sum(array.nbytes for array in arrays if isinstance(array, np.ndarray) and len(array) != 1000)
    assert held < 70_000 * seen.seconds


def test_a_frame_is_speech_if_its_middle_is() -> None:
    assert frames_within([Span(0.016, 0.05), Span(0.08, 0.2)], 10).nonzero()[0].tolist() == [2, 3, 4, 8, 9]


@pytest.mark.speech
def test_speech_is_where_it_was_put(voice: Voice) -> None:
    said = voice("philipp_matthes", "philipp_matthes", 6.0)
    silence = np.zeros(2 * said.rate, np.float32)
    seen = observe(Waveform(np.concatenate([silence, said.samples, silence]), said.rate))
    assert not seen.speech[:180].any()
    assert not seen.speech[830:].any()
    assert seen.speech[200:800].mean() > 0.7
