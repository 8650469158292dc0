"""One frame of the monotonic GPT with few operations: at this size most of the time is the calling, not the sums.

Everything here is taken from the modules of the model when a text begins, and computes what they compute
(tested against teacher forcing). Keep the two in step.

Legend: H heads, D channels of a head, S positions, L phonemes, C channels, V tokens, A steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.attention import KeyValueCache, rotary_table

if TYPE_CHECKING:
    from yinse.engine.models.semantic.monotonic.model import DecoderBlock, MonotonicGpt


class FrameReader:
    """Reads frames one by one after a prompt that is in the caches, for phonemes from `first` on."""

    def __init__(
        self,
        model: MonotonicGpt,
        encoded_1LC: Tensor,
        caches: tuple[KeyValueCache, ...],
        *,
        first: int,
        room: int,
    ) -> None:
        heads, width = model.config.heads, model.config.channels
        self._position, self._first = caches[0].length, first
        self._capacity = caches[0].key_BHSD.shape[2]
        size = width // heads
        cosine, sine = rotary_table(room, size, start=self._position, device=encoded_1LC.device)
        self._cosine_S2D = torch.stack([cosine, cosine], 1)
        self._sine_S2D = torch.stack([-sine, sine], 1)
        self._layers = [
            _Layer(cast("DecoderBlock", block), cache, heads)
            for block, cache in zip(model.decoder, caches, strict=True)
        ]
        self._norm, self._step_head = model.decoder_norm, _affine(model.step_head)
        self._oldest, self._age, self._token = model.config.oldest, model.age.weight, model.token.weight
        # What the decoder sees of a phoneme and of its successor, and what a token is mixed from, for all at once.
        encoded_LC = encoded_1LC[0, first:]
        ahead_LC = torch.cat([encoded_LC[1:], encoded_LC[-1:]])
        self._seen_LC = model.here(encoded_LC) + model.ahead(ahead_LC)
        mix, bias = _affine(model.token_mix)
        self._mix_CC = mix[:, :width]
        self._mixed_LC = F.linear(encoded_LC, mix[:, width:], bias)
        self._token_head = _affine(model.token_head)

    def read(self, pointer: int, age: int, token: int) -> tuple[Tensor, Tensor]:
        """Read the frame before: hidden state (1, C) and step logits (A,). `token` is -1 before the first."""
        if self._position >= self._capacity:
            raise IndexError(f"the cache holds {self._capacity} positions, {self._position + 1} are needed")
        place = self._position - self._capacity + len(self._cosine_S2D)
        x_1C = (
            self._seen_LC[pointer - self._first]
            + self._age[min(age, self._oldest - 1)]
            + self._token[token + 1]
        )[None]
        cosine_2D, sine_2D = self._cosine_S2D[place], self._sine_S2D[place]
        for layer in self._layers:
            x_1C = layer(x_1C, cosine_2D, sine_2D, self._position)
        self._position += 1
        hidden_1C = _normed(x_1C, self._norm)
        return hidden_1C, F.linear(hidden_1C, *self._step_head)[0]

    def token_logits(self, hidden_1C: Tensor, pointer: int) -> Tensor:
        """Token logits (V,) of the frame if the pointer stands on `pointer`."""
        mixed = torch.addmv(self._mixed_LC[pointer - self._first], self._mix_CC, hidden_1C[0])
        return F.linear(F.gelu(mixed), *self._token_head)


class _Layer:
    """A `DecoderBlock` for one position."""

    def __init__(self, block: DecoderBlock, cache: KeyValueCache, heads: int) -> None:
        self._heads, self._hidden = heads, block.project.in_features
        self._attention_norm, self._perceptron_norm = block.attention_norm, block.perceptron_norm
        self._qkv, self._out = _affine(block.attention.qkv), _affine(block.attention.out)
        self._expand, self._project = _affine(block.expand), _affine(block.project)
        self._key_HSD, self._value_HSD = cache.key_BHSD[0], cache.value_BHSD[0]

    def __call__(self, x_1C: Tensor, cosine_2D: Tensor, sine_2D: Tensor, position: int) -> Tensor:
        heads = self._heads
        qkv = F.linear(_normed(x_1C, self._attention_norm), *self._qkv).view(3 * heads, 2, -1)
        query_and_key = qkv[: 2 * heads]
        turned = torch.addcmul(query_and_key * cosine_2D, query_and_key.flip(1), sine_2D).view(
            2 * heads, 1, -1
        )
        self._key_HSD.select(1, position).copy_(turned[heads:, 0])
        self._value_HSD.select(1, position).copy_(qkv[2 * heads :].flatten(1))
        keys, values = self._key_HSD[:, : position + 1], self._value_HSD[:, : position + 1]
        mixed = F.scaled_dot_product_attention(turned[None, :heads], keys[None], values[None])
        x_1C = x_1C + F.linear(mixed.view(1, -1), *self._out)
        wide = F.linear(_normed(x_1C, self._perceptron_norm), *self._expand)
        gated = F.silu(wide[:, : self._hidden]) * wide[:, self._hidden :]
        return x_1C + F.linear(gated, *self._project)


def _affine(layer: nn.Linear) -> tuple[Tensor, Tensor]:
    return layer.weight, layer.bias


def _normed(x_1C: Tensor, norm: nn.LayerNorm) -> Tensor:
    return torch.layer_norm(x_1C, norm.normalized_shape, norm.weight, norm.bias, norm.eps)
