"""The flow prior: a proper density whose draws stream."""

from dataclasses import replace

import torch

from yinse.engine.models.acoustic.sovits.model import FlowPrior, Sovits


def test_draws_in_pieces_equal_draws_at_once(small, shake, feed):
    prior = shake(FlowPrior(small))
    noise, condition = torch.randn(1, 6, 21), torch.randn(1, 8, 21)
    streamed = feed(
        lambda n, c, state, last: prior.stream(n, c, state, last=last, temperature=0.8), noise, condition
    )
    torch.testing.assert_close(
        streamed, prior.sample(noise, condition, temperature=0.8), atol=1e-5, rtol=1e-4
    )


def test_the_density_integrates_to_one(small, shake):
    prior = shake(FlowPrior(replace(small, inter_channels=2)))
    edge, count = 9.0, 181
    axis = torch.linspace(-edge, edge, count)
    z_BDF = torch.cartesian_prod(axis, axis)[:, :, None]
    condition_BHF = torch.randn(1, 8, 1).expand(len(z_BDF), -1, -1)
    density = prior.log_probability(z_BDF, condition_BHF).exp()
    assert abs(float(density.sum()) * (2 * edge / (count - 1)) ** 2 - 1) < 0.02


def test_temperature_zero_draws_the_mode_whatever_the_noise(small, shake):
    prior = shake(FlowPrior(small))
    condition = torch.randn(1, 8, 5)
    one, other = (prior.sample(torch.randn(1, 6, 5), condition, temperature=0.0) for _ in range(2))
    torch.testing.assert_close(one, other)


def test_the_diffusion_prior_can_be_left_out(small):
    assert Sovits(small).diffusion_prior is not None
    assert Sovits(replace(small, use_diffusion=False)).diffusion_prior is None
