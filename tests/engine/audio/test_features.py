"""Features of the published models: what must hold without fixtures."""

import math

import pytest
import torch

from yinse.engine.audio import features


def tone(hz: float, rate: int, seconds: float = 0.5) -> torch.Tensor:
    return torch.sin(2 * math.pi * hz * torch.arange(int(rate * seconds)) / rate)[None]


@pytest.mark.parametrize(
    ("source", "target"), [(44100, 32000), (16000, 32000), (48000, 16000), (24000, 32000)]
)
def test_resampled_tone_is_the_same_tone(source, target):
    resampled = features.windowed_sinc(tone(440.0, source), source, target)
    expected = tone(440.0, target)
    assert resampled.shape == expected.shape
    assert (resampled - expected)[:, 200:-200].abs().max() < 5e-3


def test_resampling_removes_what_the_target_cannot_hold():
    resampled = features.windowed_sinc(tone(14000.0, 48000), 48000, 16000)
    assert resampled[:, 100:-100].abs().max() < 0.02


def test_equal_rates_change_nothing():
    samples = tone(440.0, 16000)
    assert features.windowed_sinc(samples, 16000, 16000) is samples


def test_spectrogram_peaks_at_the_tone():
    magnitude = features.spectrogram(tone(1000.0, 32000))
    assert magnitude.shape == (1, 1025, 16000 // 640)
    assert set(magnitude[0, :, 2:-2].argmax(0).tolist()) == {64}


def test_silence_sits_on_the_floor():
    mel = features.log_mel(torch.zeros(1, 8000), features.PROMPT_24K)
    assert torch.all(mel >= math.log(features.LOG_FLOOR) - 1e-6)
    assert torch.all(features.filter_bank(torch.zeros(1, 800)) == math.log(torch.finfo(torch.float32).eps))


def test_filter_bank_only_answers_whole_frames():
    assert features.filter_bank(torch.randn(1, 399 + 160)).shape == (1, 1, 80)
    with pytest.raises(ValueError, match="400"):
        features.filter_bank(torch.randn(1, 399))
