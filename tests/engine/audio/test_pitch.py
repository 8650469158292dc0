"""Pitch of sounds whose pitch is known."""

import numpy as np
import pytest
import torch

from yinse.engine.audio.pitch import pitch


def voiced(hz: np.ndarray, rate: int) -> torch.Tensor:
    """Ten falling harmonics of a fundamental that moves."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    samples = sum(np.sin(k * phase) / k for k in range(1, 11))
    return torch.from_numpy((0.2 * samples).astype(np.float32))


@pytest.mark.parametrize(("rate", "hop"), [(16000, 160), (44100, 441)])
@pytest.mark.parametrize(("first", "last"), [(90, 180), (300, 150), (220, 400)])
def test_a_glide_is_followed(rate, hop, first, last):
    hz = np.linspace(first, last, rate)
    track = pitch(voiced(hz, rate), rate, hop).numpy()
    wanted = hz[hop // 2 :: hop]
    assert track.shape == (100,)
    inner = slice(4, -4)
    assert (track[inner] > 0).all()
    np.testing.assert_allclose(track[inner], wanted[inner], rtol=0.02)


def test_noise_and_silence_are_unvoiced():
    noise = torch.randn(16000, generator=torch.Generator().manual_seed(0)) * 0.1
    assert (pitch(noise, 16000, 160) == 0).float().mean() > 0.9
    assert (pitch(torch.zeros(16000), 16000, 160) == 0).all()


def test_quiet_hum_beside_speech_is_unvoiced():
    loud = voiced(np.full(8000, 200.0), 16000)
    hum = 0.002 * voiced(np.full(8000, 100.0), 16000)
    track = pitch(torch.cat([loud, hum]), 16000, 160)
    assert (track[5:45] > 0).all()
    assert (track[55:] == 0).all()


def test_one_wrong_frame_is_smoothed_away():
    samples = voiced(np.full(16000, 150.0), 16000)
    samples[8000:8080] = 0
    np.testing.assert_allclose(pitch(samples, 16000, 160)[4:-4].numpy(), 150, rtol=0.03)
