"""Attention: the cache, masks and rotary positions."""

import pytest
import torch

from yinse.engine.models.layers.attention import (
    CrossAttention,
    KeyValueCache,
    SelfAttention,
    rotary_table,
    rotate,
)


def cache(capacity: int) -> KeyValueCache:
    return KeyValueCache(torch.zeros(2, 2, capacity, 4), torch.zeros(2, 2, capacity, 4))


@pytest.mark.parametrize("prefix", [1, 3, 8])
def test_steps_through_the_cache_equal_one_causal_pass(prefix):
    layer = SelfAttention(8, 2).eval()
    x_BTC = torch.randn(2, 8, 8)
    whole = layer(x_BTC, rotary_table(8, 4), causal=True)
    memory = cache(8)
    out = [layer(x_BTC[:, :prefix], rotary_table(prefix, 4), causal=True, cache=memory)]
    for position in range(prefix, 8):
        step = x_BTC[:, position : position + 1]
        out.append(layer(step, rotary_table(1, 4, start=position), cache=memory))
    torch.testing.assert_close(torch.cat(out, 1), whole)


def test_a_full_cache_says_so():
    memory = cache(2)
    memory.append(torch.zeros(2, 2, 2, 4), torch.zeros(2, 2, 2, 4))
    with pytest.raises(IndexError, match="3 are needed"):
        memory.append(torch.zeros(2, 2, 1, 4), torch.zeros(2, 2, 1, 4))


def test_masked_keys_are_not_seen():
    layer = SelfAttention(8, 2).eval()
    x_BTC = torch.randn(1, 6, 8)
    mask = (torch.arange(6) < 4)[None, None, None]
    seen = layer(x_BTC, rotary_table(6, 4), mask=mask)
    changed = x_BTC.clone()
    changed[:, 4:] = 9.0
    torch.testing.assert_close(seen[:, :4], layer(changed, rotary_table(6, 4), mask=mask)[:, :4])


def test_rotation_keeps_length_and_depends_on_distance_alone():
    query, key = torch.randn(1, 1, 1, 8), torch.randn(1, 1, 1, 8)

    def score(first: int, second: int) -> float:
        turned = rotate(query, *rotary_table(1, 8, start=first))
        other = rotate(key, *rotary_table(1, 8, start=second))
        return float((turned * other).sum())

    torch.testing.assert_close(rotate(query, *rotary_table(1, 8, start=5)).norm(), query.norm())
    assert score(2, 5) == pytest.approx(score(12, 15), abs=1e-5)
    assert score(2, 5) != pytest.approx(score(2, 6), abs=1e-3)


def test_cross_attention_ignores_masked_memory():
    layer = CrossAttention(8, 6, 2).eval()
    x_BTC, memory = torch.randn(1, 3, 8), torch.randn(1, 5, 6)
    mask = torch.tensor([[True, True, True, False, False]])
    padded = layer(x_BTC, layer.remember(memory), mask)
    torch.testing.assert_close(padded, layer(x_BTC, layer.remember(memory[:, :3])))


def test_heads_must_divide_channels():
    with pytest.raises(ValueError, match="do not divide"):
        SelfAttention(10, 4)


def test_self_attention_is_the_textbook_formula():
    layer = SelfAttention(8, 2).eval()
    x_BTC, rotary = torch.randn(1, 5, 8), rotary_table(5, 4)
    query, key, value = (part.unflatten(-1, (2, 4)).transpose(1, 2) for part in layer.qkv(x_BTC).chunk(3, -1))
    scores = rotate(query, *rotary) @ rotate(key, *rotary).transpose(2, 3) / 2.0
    scores = scores.masked_fill(torch.ones(5, 5).triu(1).bool(), float("-inf"))
    wanted = layer.out((scores.softmax(-1) @ value).transpose(1, 2).flatten(2))
    torch.testing.assert_close(layer(x_BTC, rotary, causal=True), wanted)


def test_cross_attention_does_not_mind_the_order_of_its_memory():
    layer = CrossAttention(8, 6, 2).eval()
    x_BTC, memory, order = torch.randn(1, 3, 8), torch.randn(1, 5, 6), torch.randperm(5)
    shuffled = layer(x_BTC, layer.remember(memory[:, order]))
    torch.testing.assert_close(shuffled, layer(x_BTC, layer.remember(memory)))
