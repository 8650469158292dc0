"""ConvNeXt blocks: in pieces as in one, with and without a condition."""

import pytest
import torch

from yinse.engine.models.layers.convnext import ConvNeXtBlock, ConvNeXtStack


@pytest.mark.parametrize("condition", [0, 3])
def test_a_block_in_pieces_equals_the_whole(feed, shake, condition):
    block = shake(ConvNeXtBlock(4, 8, kernel=5, condition=condition))
    x_BCT = torch.randn(2, 4, 17)
    given = torch.randn(2, 3) if condition else None
    streamed = feed(lambda x, state, last: block.stream(x, state, given, last=last), x_BCT)
    torch.testing.assert_close(streamed, block(x_BCT, given))


@pytest.mark.parametrize("condition", [0, 3])
def test_a_stack_in_pieces_equals_the_whole(feed, shake, condition):
    stack = shake(ConvNeXtStack(4, 8, 3, kernel=5, condition=condition))
    x_BCT = torch.randn(2, 4, 17)
    given = torch.randn(2, 3) if condition else None
    streamed = feed(lambda x, state, last: stack.stream(x, state, given, last=last), x_BCT)
    torch.testing.assert_close(streamed, stack(x_BCT, given))


def test_two_streams_share_one_module(shake):
    stack = shake(ConvNeXtStack(4, 8, 2, kernel=3))
    one, other = torch.randn(1, 4, 6), torch.randn(1, 4, 6)
    _, state_one = stack.stream(one[..., :3], None, last=False)
    _, state_other = stack.stream(other[..., :3], None, last=False)
    tail_one, _ = stack.stream(one[..., 3:], state_one, last=True)
    tail_other, _ = stack.stream(other[..., 3:], state_other, last=True)
    torch.testing.assert_close(tail_one, stack(one)[..., 1:])
    torch.testing.assert_close(tail_other, stack(other)[..., 1:])


def test_a_condition_starts_without_effect_and_then_has_one(shake):
    block = ConvNeXtBlock(4, 8, condition=3)
    x_BCT, given = torch.randn(1, 4, 9), torch.randn(1, 3)
    torch.testing.assert_close(block(x_BCT, given), block(x_BCT))
    shake(block)
    assert not torch.allclose(block(x_BCT, given), block(x_BCT))
