from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinse.engine.audio.resample import StreamResampler, resample
from yinse.engine.audio.waveform import Waveform

Tone = Callable[..., Waveform]


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 96_000])
def test_a_tone_keeps_its_pitch_level_and_place(rate: int, tone: Tone) -> None:
    there = resample(tone(1000.0, 0.5, 48_000), rate)
    assert there.rate == rate
    assert np.allclose(there.samples[200:-200], tone(1000.0, 0.5, rate).samples[200:-200], atol=2e-3)


def test_what_lies_above_the_new_band_is_gone(tone: Tone) -> None:
    there = resample(tone(10_000.0, 0.5, 48_000), 16_000)
    assert np.abs(there.samples[200:-200]).max() < 1e-3


def test_the_same_rate_is_the_same_object(tone: Tone) -> None:
    waveform = tone()
    assert resample(waveform, waveform.rate) is waveform


@settings(max_examples=20)
@given(
    cuts=st.lists(st.integers(0, 5000), max_size=8),
    rates=st.sampled_from([(48_000, 16_000), (44_100, 16_000), (16_000, 44_100), (16_000, 16_000)]),
)
def test_any_chunking_equals_the_whole(cuts: list[int], rates: tuple[int, int]) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, 5000).astype(np.float32)
    stream = StreamResampler(*rates)
    parts = [stream.push(part) for part in np.split(samples, sorted(cuts))]
    joined = np.concatenate([*parts, stream.finish()])
    assert np.allclose(joined, resample(Waveform(samples, rates[0]), rates[1]).samples, atol=1e-5)
