"""The posterior encoder and its Gaussian."""

import math

import torch
from torch.distributions import Normal, kl_divergence

from yinse.engine.models.acoustic.codec.config import PosteriorConfig
from yinse.engine.models.acoustic.codec.model import Gaussian, PosteriorEncoder, silence_above

CONFIG = PosteriorConfig(spec_channels=10, inter_channels=4, channels=8, hidden=8, depth=1)


def test_encoding_gives_a_gaussian_over_latents(shake):
    gaussian = shake(PosteriorEncoder(CONFIG))(torch.randn(2, 10, 7))
    assert gaussian.mean_BDF.shape == gaussian.log_deviation_BDF.shape == (2, 4, 7)


def test_divergence_is_the_closed_form():
    gaussian = Gaussian(torch.randn(2, 4, 3), torch.randn(2, 4, 3))
    normal = Normal(gaussian.mean_BDF, gaussian.log_deviation_BDF.exp())
    expected = kl_divergence(normal, Normal(0.0, 1.0))
    torch.testing.assert_close(gaussian.divergence_from_standard(), expected)


def test_draws_have_the_moments():
    gaussian = Gaussian(torch.full((1, 1, 20000), 3.0), torch.full((1, 1, 20000), math.log(0.5)))
    drawn = gaussian.sample(torch.randn(1, 1, 20000))
    torch.testing.assert_close(drawn.mean(), torch.tensor(3.0), atol=0.02, rtol=0)
    torch.testing.assert_close(drawn.std(), torch.tensor(0.5), atol=0.02, rtol=0)


def test_bands_above_a_recording_are_silence():
    mel = torch.zeros(2, 3, 4)
    out = silence_above(mel, torch.tensor([1000.0, 4000.0, 8000.0]), torch.tensor([4000.0, 9000.0]))
    assert (out[0, :2] == 0).all()
    torch.testing.assert_close(out[0, 2], torch.full((4,), math.log(1e-5)))
    assert (out[1] == 0).all()
