"""Finite scalar quantisation: tokens and values are two spellings of the same."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

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


@settings(max_examples=30)
@given(st.lists(st.integers(2, 9), min_size=1, max_size=5), st.integers(0, 1000))
def test_any_levels_round_to_the_nearest_and_name_it(levels, seed):
    quantizer = FiniteScalarQuantizer(tuple(levels))
    x_BTL = 2 * torch.randn(1, 20, len(levels), generator=torch.Generator().manual_seed(seed))
    values, tokens = quantizer(x_BTL)
    assert quantizer.vocabulary == math.prod(levels)
    assert 0 <= int(tokens.min()) <= int(tokens.max()) < quantizer.vocabulary
    torch.testing.assert_close(quantizer.values(tokens).float(), values)
    half_step = 1 / (torch.tensor(levels) - 1)
    assert ((values - torch.tanh(x_BTL)).abs() <= half_step + 1e-5).all()


def test_digits_are_counted_with_the_first_channel_fastest(quantizer):
    tokens = torch.tensor([[0, 1, 8, 40, 200]])
    lowest = quantizer.values(torch.tensor([[0]]))
    raised = (quantizer.values(tokens) - lowest)[0]
    assert [row.nonzero().flatten().tolist() for row in raised] == [[], [0], [1], [2], [3]]
