"""The diffusion prior: schedule, loss, sampler."""

import pytest
import torch

from yinse.engine.models.acoustic.sovits.config import DiffusionConfig
from yinse.engine.models.acoustic.sovits.diffusion import (
    DiffusionPrior,
    signal_and_noise,
    timestep_embedding,
)

CONFIG = DiffusionConfig(channels=8, heads=2, depth=2, hidden=8, patch=2, dropout=0.0)


class Perfect(DiffusionPrior):
    """Knows the clean latents, and so the velocity at any time; says nonsense about known frames."""

    def __init__(self, clean_BDF):
        super().__init__(clean_BDF.shape[1], 3, CONFIG)
        self.clean = clean_BDF

    def forward(self, noisy_BDF, condition_BHF, known_BF, share_B):
        signal, noise = (part[:, None, None] for part in signal_and_noise(share_B))
        drawn = (noisy_BDF - signal * self.clean) / noise
        return signal * drawn - noise * self.clean + 1e3 * known_BF[:, None]


def test_signal_and_noise_keep_unit_power():
    signal, noise = signal_and_noise(torch.linspace(0, 1, 100))
    torch.testing.assert_close(signal**2 + noise**2, torch.ones(100))
    assert signal[0] == 1
    assert (signal.diff() < 0).all()
    assert signal[-1] > 0, "a little signal is left at the end, so that the sampler never divides by zero"


def test_every_training_step_has_an_embedding_of_its_own():
    table = timestep_embedding((torch.arange(1000) + 0.5) / 1000, 192)
    assert table.shape == (1000, 192)
    nearest = torch.cdist(table[::25], table[::25]) + 1e3 * torch.eye(40)
    assert float(nearest.min()) > 0.1


@pytest.mark.parametrize("steps", [1, 2, 4, 10])
def test_a_perfect_predictor_samples_the_clean_latents(steps):
    clean = torch.randn(2, 4, 6)
    prior = Perfect(clean)
    drawn = prior.sample(torch.randn(2, 4, 6), torch.zeros(2, 3, 6), steps=steps)
    torch.testing.assert_close(drawn, clean, atol=1e-4, rtol=1e-4)


def test_the_loss_of_a_perfect_predictor_is_zero_and_known_frames_do_not_count():
    clean, noise = torch.randn(2, 4, 6), torch.randn(2, 4, 6)
    known = (torch.arange(6)[None] < torch.tensor([[2], [4]])).float()
    loss = Perfect(clean).loss(clean, torch.zeros(2, 3, 6), known, torch.tensor([999, 400]), noise)
    assert float(loss) < 1e-4


def test_the_loss_is_the_mean_over_unknown_frames(shake):
    prior = shake(DiffusionPrior(4, 3, CONFIG))
    clean, noise, condition = torch.randn(1, 4, 6), torch.randn(1, 4, 6), torch.randn(1, 3, 6)
    known = torch.tensor([[1.0, 1, 0, 0, 0, 0]])
    step = torch.tensor([300])
    signal, deviation = signal_and_noise((step + 0.5) / 1000)
    noisy = torch.where(known[:, None] > 0, clean, signal * clean + deviation * noise)
    wanted = signal * noise - deviation * clean
    expected = (prior(noisy, condition, known, (step + 0.5) / 1000) - wanted).abs()[:, :, 2:].mean()
    torch.testing.assert_close(prior.loss(clean, condition, known, step, noise), expected)


def test_a_prefix_is_kept_as_it_is_and_heard(shake):
    prior = shake(DiffusionPrior(4, 3, CONFIG))
    noise, condition = torch.randn(1, 4, 8), torch.randn(1, 3, 8)
    prefix = torch.randn(1, 4, 4)
    drawn = prior.sample(noise, condition, prefix, steps=4)
    assert torch.equal(drawn[:, :, :4], prefix)
    assert not torch.allclose(drawn[:, :, 4:], prior.sample(noise, condition, prefix + 1, steps=4)[:, :, 4:])


def test_patches_come_back_in_order():
    prior = DiffusionPrior(4, 3, CONFIG)
    x_BDF = torch.randn(2, 4, 6)
    torch.testing.assert_close(prior._to_frames(prior._to_patches(x_BDF)), x_BDF)


class GaussianData(DiffusionPrior):
    """The best predictor there is when latents are independently normal: E[v | noisy] in closed form."""

    MEAN, DEVIATION = 1.5, 0.4

    def __init__(self):
        super().__init__(4, 3, CONFIG)

    def forward(self, noisy_BDF, condition_BHF, known_BF, share_B):
        signal, noise = (part[:, None, None] for part in signal_and_noise(share_B))
        power = (signal * self.DEVIATION) ** 2 + noise**2
        surplus = (noisy_BDF - signal * self.MEAN) / power
        clean = self.MEAN + signal * self.DEVIATION**2 * surplus
        return signal * noise * surplus - noise * clean


def test_the_sampler_turns_noise_into_the_distribution_of_the_data():
    drawn = GaussianData().sample(torch.randn(50, 4, 200), torch.zeros(50, 3, 200), steps=64)
    assert float(drawn.mean()) == pytest.approx(1.5, abs=0.02)
    assert float(drawn.std()) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(("draft", "begin"), [(1.5, 0.6), (0.0, 0.99)])
def test_a_draft_is_taken_to_the_distribution_of_the_data(draft, begin):
    """From a mean draft part of the way; from a wrong one as well, if nearly all of it is noised away."""
    noise, condition = torch.randn(50, 4, 200), torch.zeros(50, 3, 200)
    start = torch.full_like(noise, draft)
    drawn = GaussianData().sample(noise, condition, steps=64, draft_BDF=start, begin=begin)
    assert float(drawn.mean()) == pytest.approx(1.5, abs=0.04)
    assert float(drawn.std()) == pytest.approx(0.4, abs=0.04)


def test_little_is_changed_of_a_draft_that_is_hardly_noised():
    noise, draft = torch.randn(2, 4, 20), 1.5 + 0.4 * torch.randn(2, 4, 20)
    drawn = GaussianData().sample(noise, torch.zeros(2, 3, 20), steps=4, draft_BDF=draft, begin=0.02)
    assert float((drawn - draft).abs().max()) < 0.15
