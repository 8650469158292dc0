"""Ripples of the spectrum: an echo of every window is heard, one noise is as good as another."""

import pytest
import torch

from yinse.training.losses.cepstral import cepstral_loss

LIMIT = torch.tensor([22050.0])


def noise(seed: int, samples: int = 28224) -> torch.Tensor:
    return 0.1 * torch.randn(1, samples, generator=torch.Generator().manual_seed(seed))


def repeated(audio_BT: torch.Tensor, milliseconds: int) -> torch.Tensor:
    """The audio and its echo, as loud as before."""
    return 0.7 * (audio_BT + audio_BT.roll(round(44.1 * milliseconds), dims=1))


def test_a_copy_has_no_distance() -> None:
    assert float(cepstral_loss(noise(0), noise(0), LIMIT)) == 0


@pytest.mark.parametrize("milliseconds", [5, 10, 20])
def test_an_echo_is_further_from_noise_than_other_noise(milliseconds: int) -> None:
    other = cepstral_loss(noise(0), noise(1), LIMIT)
    echo = cepstral_loss(noise(0), repeated(noise(1), milliseconds), LIMIT)
    assert float(echo) > 1.1 * float(other)


def test_a_voice_is_asked_to_keep_its_pitch() -> None:
    phase = 2 * torch.pi * torch.arange(28224) / 44100
    voice = sum(torch.sin(hertz * phase) for hertz in range(200, 20000, 200))[None] / 100
    other = sum(torch.sin(hertz * phase) for hertz in range(170, 20000, 170))[None] / 100
    assert float(cepstral_loss(voice, other, LIMIT)) > 3 * float(cepstral_loss(voice, voice * 0.5, LIMIT))


def test_what_lies_above_the_band_does_not_count() -> None:
    high = repeated(noise(1), 20)
    spectrum = torch.fft.rfft(high)
    spectrum[:, torch.linspace(0, 22050, spectrum.shape[1]) < 8000] = 0
    real, fake = noise(0), torch.fft.irfft(spectrum, 28224)
    low = torch.fft.rfft(real)
    low[:, torch.linspace(0, 22050, low.shape[1]) >= 8000] = 0
    fake = fake + torch.fft.irfft(low, 28224)
    blind = cepstral_loss(real, fake, torch.tensor([7600.0]))
    assert float(blind) < 0.05 * float(cepstral_loss(real, fake, LIMIT))


def test_silence_and_gradients_stay_finite() -> None:
    fake = noise(2).requires_grad_()
    loss = cepstral_loss(torch.zeros(1, 28224), fake, LIMIT)
    loss.backward()
    assert loss.isfinite()
    assert fake.grad is not None
    assert fake.grad.isfinite().all()
    assert float(fake.grad.abs().sum()) > 0
