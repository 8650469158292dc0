"""Envelopes of bands: what smears words is heard, what only makes them louder is not."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from yinse.contracts.errors import InvalidInput
from yinse.training.losses.envelope import _third_octaves, envelope_loss

SAMPLES = 44100


def babble(seed: int) -> torch.Tensor:
    """Noise that comes and goes five times a second in every octave for itself: (1, T)."""
    generator = torch.Generator().manual_seed(seed)
    spectrum = torch.fft.rfft(torch.randn(1, SAMPLES, generator=generator))
    bins_K = torch.linspace(0, 22050, spectrum.shape[1])
    bands = [((bins_K >= low) & (bins_K < 2 * low)) for low in (150, 300, 600, 1200, 2400, 4800)]
    seconds_T = torch.arange(SAMPLES) / 44100
    phases = torch.rand(len(bands), generator=generator)
    return sum(
        torch.fft.irfft(spectrum * band, SAMPLES) * torch.sin(torch.pi * (5 * seconds_T + phase)).square()
        for band, phase in zip(bands, phases, strict=True)
    )


def smeared(audio_BT: torch.Tensor, frames: int) -> torch.Tensor:
    """Reverberation: the audio and its repetitions, 20 ms apart."""
    return torch.stack([audio_BT.roll(882 * n, dims=1) for n in range(frames)]).mean(0)


def test_a_copy_has_no_distance_whatever_its_level():
    assert float(envelope_loss(babble(0), 0.3 * babble(0))) == pytest.approx(0, abs=1e-3)


def test_what_smears_is_further_away_the_more_it_smears():
    little, much = (float(envelope_loss(babble(0), smeared(babble(0), n))) for n in (3, 8))
    assert 0.02 < little < much


def test_it_orders_copies_as_the_published_measure_does():
    stoi = pytest.importorskip("pystoi").stoi
    real, noise = babble(0), babble(1)
    copies = [real + gain * noise for gain in (0.1, 0.4, 1.0, 3.0)]
    losses = [float(envelope_loss(real, copy)) for copy in copies]
    scores = [stoi(_at_10_khz(real), _at_10_khz(copy), 10000) for copy in copies]
    assert losses == sorted(losses)
    assert scores == sorted(scores, reverse=True)
    assert np.abs(np.array(losses) - (1 - np.array(scores))).max() < 0.15


def _at_10_khz(audio_BT):
    return F.interpolate(audio_BT[None], size=10000, mode="linear")[0, 0].double().numpy()


def test_crops_without_room_for_an_envelope_are_refused_by_name():
    with pytest.raises(InvalidInput, match=r"0\.2 s are too short: raise `frames`"):
        envelope_loss(torch.zeros(1, 8820), torch.zeros(1, 8820))


def test_silence_says_nothing_and_gradients_stay_finite():
    fake = babble(2).requires_grad_()
    assert float(envelope_loss(torch.zeros(1, SAMPLES), babble(2))) == 0
    loss = envelope_loss(F.pad(babble(0)[:, :20000], (0, SAMPLES - 20000)), fake)
    loss.backward()
    assert fake.grad is not None
    assert fake.grad.isfinite().all()
    assert float(fake.grad.abs().sum()) > 0


def test_what_listening_needed_first_serves_training_too():
    _third_octaves.cache_clear()
    with torch.inference_mode():
        envelope_loss(babble(0), babble(1))
    fake = babble(2).requires_grad_()
    envelope_loss(babble(0), fake).backward()
    assert float(fake.grad.abs().sum()) > 0
