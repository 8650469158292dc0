"""Finite scalar quantisation: tokens and values are two spellings of the same."""

import pytest
import torch

from yinse.engine.models.layers.fsq import FiniteScalarQuantizer


@pytest.fixture
def quantizer():
    return FiniteScalarQuantizer((8, 5, 5, 5))


def test_every_token_comes_back_from_its_values(quantizer):
    tokens = torch.arange(quantizer.vocabulary)[None]
    values = quantizer.values(tokens)
    assert quantizer.vocabulary == 1000
    assert values.shape == (1, 1000, 4)
    assert values.min() == -1
    assert values.max() == 1
    assert len(torch.unique(values[0], dim=0)) == 1000
    # An input beyond tanh's knee of the wanted value lands on it again.
    wanted = torch.atanh(values.clamp(-0.999, 0.999))
    again, ids = quantizer(wanted)
    assert torch.equal(ids, tokens)
    torch.testing.assert_close(again, values)


def test_quantised_values_are_those_of_the_token(quantizer):
    values, tokens = quantizer(torch.randn(2, 9, 4) * 3)
    torch.testing.assert_close(values, quantizer.values(tokens).float())


def test_gradient_passes_straight_through(quantizer):
    x = torch.randn(1, 6, 4, requires_grad=True)
    values, _ = quantizer(x)
    values.sum().backward()
    torch.testing.assert_close(x.grad, 1 - torch.tanh(x.detach()) ** 2)


def test_extremes_stay_inside_the_vocabulary(quantizer):
    _, tokens = quantizer(torch.tensor([[[-1e4] * 4, [1e4] * 4]]))
    assert tokens.tolist() == [[0, 999]]
