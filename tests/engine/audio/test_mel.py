"""Log-mel against an independent computation, and where in time a frame stands."""

import math

import numpy as np
import pytest
import torch

from yinse.engine.audio.mel import (
    ACOUSTIC_MEL,
    CONTENT_MEL,
    MelConfig,
    band_edges,
    log_mel,
    mel_filterbank,
    to_log_mel,
)

SMALL = MelConfig(rate=8000, n_fft=64, window=48, hop=16, bands=10, low=100.0, high=3900.0)


def slaney(hz: float) -> float:
    return hz * 3 / 200 if hz < 1000 else 15 + math.log(hz / 1000) / math.log(6.4) * 27


def inverse_slaney(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def by_hand(samples: np.ndarray, config: MelConfig) -> np.ndarray:
    pad = config.n_fft - config.hop
    padded = np.pad(samples.astype(np.float64), (pad // 2, pad - pad // 2), mode="reflect")
    taper = np.zeros(config.n_fft)
    start = (config.n_fft - config.window) // 2
    taper[start : start + config.window] = 0.5 - 0.5 * np.cos(
        2 * np.pi * np.arange(config.window) / config.window
    )
    low, high = slaney(config.low), slaney(config.high)
    points = [inverse_slaney(low + (high - low) * i / (config.bands + 1)) for i in range(config.bands + 2)]
    bins = np.arange(config.n_fft // 2 + 1) * config.rate / config.n_fft
    rows = []
    for frame in range(len(samples) // config.hop):
        piece = padded[frame * config.hop : frame * config.hop + config.n_fft]
        spectrum = np.abs(np.fft.rfft(piece * taper))
        row = []
        for left, centre, right in zip(points, points[1:], points[2:], strict=False):
            weight = np.interp(bins, [left, centre, right], [0, 2 / (right - left), 0])
            row.append(np.log(max(1e-5, float(weight @ spectrum))))
        rows.append(row)
    return np.array(rows).T


@pytest.mark.parametrize("length", [160, 167])
def test_log_mel_is_what_the_formulas_say(length):
    samples = np.random.default_rng(0).normal(0, 0.3, length).astype(np.float32)
    computed = log_mel(torch.from_numpy(samples)[None], SMALL)[0].numpy()
    assert computed.shape == (10, length // 16)
    np.testing.assert_allclose(computed, by_hand(samples, SMALL), atol=1e-4)


@pytest.mark.parametrize("config", [CONTENT_MEL, ACOUSTIC_MEL])
def test_a_click_sounds_in_the_frame_around_it(config):
    samples = torch.zeros(1, 40 * config.hop)
    samples[0, 25 * config.hop + config.hop // 2] = 1.0
    assert int(log_mel(samples, config)[0].sum(0).argmax()) == 25


@pytest.mark.parametrize("config", [CONTENT_MEL, ACOUSTIC_MEL])
def test_every_model_hears_a_hundred_frames_a_second(config):
    assert config.frames_per_second == 100
    assert log_mel(torch.zeros(1, config.rate), config).shape == (1, config.bands, 100)


@pytest.mark.parametrize("config", [SMALL, CONTENT_MEL, ACOUSTIC_MEL])
def test_no_band_is_deaf(config):
    filters = mel_filterbank(config)
    assert filters.shape == (config.bands, config.n_fft // 2 + 1)
    assert (filters.sum(1) > 0).all()
    edges = band_edges(config)
    assert edges[0] == pytest.approx(config.low, abs=1e-6)
    assert edges[-1] == pytest.approx(config.high)


def test_silence_is_the_floor():
    assert torch.equal(log_mel(torch.zeros(1, 320), SMALL), torch.full((1, 10, 20), 1e-5).log())


def test_single_precision_even_under_autocast():
    linear = torch.rand(1, 33, 4)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(to_log_mel(linear, SMALL), to_log_mel(linear.clone(), SMALL))
        assert to_log_mel(linear, SMALL).dtype == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        inside = to_log_mel(linear, SMALL)
    assert torch.equal(inside, to_log_mel(linear, SMALL))
