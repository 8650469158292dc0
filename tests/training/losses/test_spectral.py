"""Spectral distances: zero for a copy, blind above the band a recording has."""

import pytest
import torch

from yinse.engine.audio.mel import ACOUSTIC_MEL
from yinse.training.losses.spectral import present_bands, present_bins, spectral_loss

RATE = ACOUSTIC_MEL.rate


def tone(hertz: float, gain: float = 0.3) -> torch.Tensor:
    return gain * torch.sin(2 * torch.pi * hertz * torch.arange(8820) / RATE)[None]


def test_a_copy_has_no_distance():
    audio = torch.randn(2, 8820) * 0.1
    loss = spectral_loss(audio, audio.clone(), torch.tensor([22050.0, 7600.0]), 0)
    assert float(loss.mel) == 0
    assert float(loss.stft) == 0


@pytest.mark.parametrize("step", [0, 1])
def test_what_lies_above_the_band_does_not_count(step):
    real = 0.1 * torch.randn(1, 8820)
    fake = real + tone(15000)
    blind = spectral_loss(real, fake, torch.tensor([7600.0]), step)
    seeing = spectral_loss(real, fake, torch.tensor([22050.0]), step)
    assert float(seeing.mel) > 4 * float(blind.mel)
    assert float(seeing.stft) > 10 * float(blind.stft)


def test_further_away_is_further():
    real, limit = tone(1000), torch.tensor([22050.0])
    near, far = (spectral_loss(real, tone(1000, gain), limit, 0) for gain in (0.2, 0.05))
    assert 0 < float(near.mel) < float(far.mel)
    assert 0 < float(near.stft) < float(far.stft)


def test_it_can_be_learnt_from():
    fake = (tone(1000) * 0.5).requires_grad_()
    loss = spectral_loss(tone(1000), fake, torch.tensor([22050.0]), 0)
    (loss.mel + loss.stft).backward()
    assert fake.grad is not None
    assert fake.grad.isfinite().all()
    assert float(fake.grad.abs().sum()) > 0


def test_silence_stays_finite():
    silence = torch.zeros(1, 8820)
    loss = spectral_loss(silence, tone(500), torch.tensor([7600.0]), 0)
    assert loss.mel.isfinite()
    assert loss.stft.isfinite()


def test_bins_and_bands_below_a_limit():
    bins = present_bins(8, 8000, torch.tensor([2000.0, 4000.0]))
    assert bins.tolist() == [[True, True, True, False, False], [True] * 5]
    bands = present_bands(ACOUSTIC_MEL, torch.tensor([0.0, 7600.0, 22050.0]))
    assert bands[0].sum() == 0
    assert 0 < int(bands[1].sum()) < int(bands[2].sum()) == ACOUSTIC_MEL.bands
    assert (bands[1].int().diff() <= 0).all(), "the low bands are there, the high ones are not"
