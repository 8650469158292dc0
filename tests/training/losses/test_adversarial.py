"""Critics: what lies above a recording's band is not judged, and neither side of the game moves the other."""

import pytest
import torch

from yinse.training.losses.adversarial import Critics, below

RATE = 44100


@pytest.fixture
def critics():
    torch.manual_seed(0)
    return Critics(width=0.05, channels=4)


@pytest.fixture
def audio():
    return torch.randn(2, 4410, generator=torch.Generator().manual_seed(1)) * 0.1


def test_below_keeps_the_band_and_nothing_else():
    time = torch.arange(4410) / RATE
    low, high = (torch.sin(2 * torch.pi * hz * time)[None] for hz in (1000.0, 12000.0))
    kept = below(low + high, torch.tensor([8000.0]), RATE)
    torch.testing.assert_close(kept, low, atol=1e-3, rtol=0)
    torch.testing.assert_close(
        below(low + high, torch.tensor([24000.0]), RATE), low + high, atol=1e-3, rtol=0
    )


def test_a_missing_band_is_not_judged(critics, audio):
    limit = torch.tensor([7600.0, 7600.0])
    made = audio + 0.05 * torch.randn_like(audio)
    noisy = made + 0.3 * (torch.randn_like(made) - below(torch.randn_like(made), limit, RATE))
    bright = made + (noisy - made - below(noisy - made, limit, RATE))
    plain, loud = (critics(audio, one, limit, RATE) for one in (made, bright))
    torch.testing.assert_close(plain.critics, loud.critics, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(plain.features, loud.features, atol=1e-3, rtol=1e-3)


def test_the_decoders_terms_leave_the_critics_alone_and_the_other_way_round(critics, audio):
    fake = (audio * 0.5).requires_grad_()
    limit = torch.tensor([24000.0, 7600.0])
    judged = critics(audio, fake, limit, RATE)
    (judged.decoder + judged.features).backward(retain_graph=True)
    assert fake.grad is not None
    assert float(fake.grad.abs().sum()) > 0
    assert all(parameter.grad is None for parameter in critics.parameters())
    fake.grad = None
    judged.critics.backward()
    assert fake.grad is None
    assert all(parameter.grad is not None for parameter in critics.parameters())


def test_critics_learn_to_tell_noise_from_a_tone(critics):
    time = torch.arange(4410) / RATE
    real = 0.3 * torch.sin(2 * torch.pi * torch.tensor([[220.0], [330.0]]) * time)
    fake = 0.1 * torch.randn(2, 4410, generator=torch.Generator().manual_seed(2))
    limit = torch.full((2,), 24000.0)
    optimiser = torch.optim.AdamW(critics.parameters(), 3e-3)
    values = []
    for _ in range(15):
        loss = critics(real, fake, limit, RATE).critics
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        values.append(float(loss.detach()))
    assert values[-1] < 0.6 * values[0]
