"""Convolution in pieces equals convolution of the whole."""

import pytest
import torch

from yinse.engine.models.layers.streaming import ConvState, StreamConv1d, delay


@pytest.mark.parametrize(("kernel", "dilation", "groups"), [(1, 1, 1), (3, 1, 1), (7, 1, 4), (5, 3, 2)])
def test_pieces_equal_the_whole(feed, kernel, dilation, groups):
    layer = StreamConv1d(4, 8, kernel, groups=groups, dilation=dilation)
    x_BCT = torch.randn(2, 4, 23)
    torch.testing.assert_close(feed(layer.stream, x_BCT), layer(x_BCT))


def test_the_whole_is_an_ordinary_padded_convolution():
    layer = StreamConv1d(3, 5, 7)
    same = torch.nn.Conv1d(3, 5, 7, padding=3)
    same.load_state_dict(layer.state_dict())
    x_BCT = torch.randn(1, 3, 11)
    torch.testing.assert_close(layer(x_BCT), same(x_BCT))


def test_nothing_is_answered_before_its_future_is_known():
    layer = StreamConv1d(1, 1, 9)
    out, state = layer.stream(torch.randn(1, 1, 4), None, last=False)
    assert out.shape == (1, 1, 0)
    out, _ = layer.stream(torch.randn(1, 1, 1), state, last=False)
    assert out.shape == (1, 1, 1)


def test_even_kernels_are_refused():
    with pytest.raises(ValueError, match="odd"):
        StreamConv1d(1, 1, 4)


def test_delay_hands_out_what_was_held():
    first, state = delay(torch.arange(3.0)[None, None], None, 1)
    second, state = delay(torch.arange(3.0, 5.0)[None, None], state, 3)
    assert first.flatten().tolist() == [0]
    assert second.flatten().tolist() == [1, 2, 3]
    assert isinstance(state, ConvState)
    assert state.history_BCT.flatten().tolist() == [4]
