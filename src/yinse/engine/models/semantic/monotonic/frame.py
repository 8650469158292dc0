"""One frame of the monotonic GPT with few operations, each a product of a matrix and a vector or smaller.

At this size a frame waits for weights to arrive and for calls to return. Everything here is taken from the modules of
the model when a text begins, and computes what they compute (tested against teacher forcing). Keep the two in step.

Legend: H heads, D channels of a head, E half of them, S positions, L phonemes, C channels, V tokens, A steps.
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
        turns = rotary_table(room, width // heads, start=self._position, device=encoded_1LC.device)
        self._turn_SE = torch.complex(*turns)
        self._layers = [
            _Layer(cast("DecoderBlock", block), cache, heads)
            for block, cache in zip(model.decoder, caches, strict=True)
        ]
        self._norm, self._step_head = model.decoder_norm, model.step_head
        self._oldest, self._age, self._token = model.config.oldest, model.age.weight, model.token.weight
        # What the decoder sees of a phoneme and of its successor, and what a token is mixed from, for all at once.
        encoded_LC = encoded_1LC[0, first:]
        ahead_LC = torch.cat([encoded_LC[1:], encoded_LC[-1:]])
        self._seen_LC = model.here(encoded_LC) + model.ahead(ahead_LC)
        mix = model.token_mix
        self._mix_CC = mix.weight[:, :width]
        self._mixed_LC = F.linear(encoded_LC, mix.weight[:, width:], mix.bias)
        self._token_head = model.token_head

    def read(self, pointer: int, age: int, token: int) -> tuple[Tensor, Tensor]:
        """Read the frame before: hidden state (C,) and step logits (A,). `token` is -1 before the first."""
        if self._position >= self._capacity:
            raise IndexError(f"the cache holds {self._capacity} positions, {self._position + 1} are needed")
        turn_E = self._turn_SE[self._position - self._capacity + len(self._turn_SE)]
        x_C = (
            self._seen_LC[pointer - self._first]
            + self._age[min(age, self._oldest - 1)]
            + self._token[token + 1]
        )
        for layer in self._layers:
            x_C = layer(x_C, turn_E, self._position)
        self._position += 1
        hidden_C = _normed(x_C, self._norm)
        return hidden_C, _times(self._step_head, hidden_C)

    def token_logits(self, hidden_C: Tensor, pointer: int) -> Tensor:
        """Token logits (V,) of the frame if the pointer stands on `pointer`."""
        mixed_C = torch.addmv(self._mixed_LC[pointer - self._first], self._mix_CC, hidden_C)
        return _times(self._token_head, F.gelu(mixed_C))


class _Layer:
    """A `DecoderBlock` for one position.

    Queries and keys hold the two halves of a head as the parts of complex numbers, so that a position turns them by one
    product; queries are scaled beforehand. Products land in tensors of the layer's own, whose parts are views.
    """

    def __init__(self, block: DecoderBlock, cache: KeyValueCache, heads: int) -> None:
        attention, width = block.attention, block.attention.qkv.in_features
        self._attention_norm, self._perceptron_norm = block.attention_norm, block.perceptron_norm
        self._qkv_weight, self._qkv_bias = _paired(attention.qkv, heads)
        self._out, self._expand, self._project = attention.out, block.expand, block.project
        qkv_C = self._qkv_bias.new_empty(3 * width)
        self._qkv_C = qkv_C
        self._turned_ZE = torch.view_as_complex(qkv_C[: 2 * width].view(2 * heads, -1, 2))
        self._query_H1D = qkv_C[:width].view(heads, 1, -1)
        self._new_ZD = qkv_C[width:].view(2 * heads, -1)
        key_HSED = cache.key_BHSD[0].unflatten(2, (2, -1)).transpose(2, 3)
        self._kept_ZSD = torch.cat([key_HSED.flatten(2), cache.value_BHSD[0]])
        self._key_HDS, self._value_HSD = self._kept_ZSD[:heads].transpose(1, 2), self._kept_ZSD[heads:]
        self._wide_C = qkv_C.new_empty(block.expand.out_features)
        self._gate_C, self._inner_C = self._wide_C.chunk(2)

    def __call__(self, x_C: Tensor, turn_E: Tensor, position: int) -> Tensor:
        normed_C = _normed(x_C, self._attention_norm)
        torch.addmv(self._qkv_bias, self._qkv_weight, normed_C, out=self._qkv_C)
        self._turned_ZE.mul_(turn_E)
        self._kept_ZSD.select(1, position).copy_(self._new_ZD)
        scores_H1S = torch.bmm(self._query_H1D, self._key_HDS[:, :, : position + 1])
        mixed_H1D = torch.bmm(scores_H1S.softmax(2), self._value_HSD[:, : position + 1])
        x_C = torch.addmv(x_C, self._out.weight, mixed_H1D.view(-1)).add_(self._out.bias)
        normed_C = _normed(x_C, self._perceptron_norm)
        torch.addmv(self._expand.bias, self._expand.weight, normed_C, out=self._wide_C)
        inner_C = F.silu(self._gate_C, inplace=True).mul_(self._inner_C)
        return torch.addmv(x_C, self._project.weight, inner_C).add_(self._project.bias)


def _paired(qkv: nn.Linear, heads: int) -> tuple[Tensor, Tensor]:
    """Weight and bias whose queries and keys have the halves of a head in pairs, the queries over the root of D."""

    def pair(rows: Tensor) -> Tensor:
        parts = rows.view(3, heads, 2, -1, *rows.shape[1:])
        size = 2 * parts.shape[3]
        query, key = parts[:2].transpose(2, 3)
        return torch.cat([part.flatten(0, 2) for part in (query * size**-0.5, key, parts[2])])

    return pair(qkv.weight), pair(qkv.bias)


def _times(layer: nn.Linear, x_C: Tensor) -> Tensor:
    """`layer(x_C)`; for one vector this call reads the weights faster than `linear` does."""
    return torch.addmv(layer.bias, layer.weight, x_C)


def _normed(x_C: Tensor, norm: nn.LayerNorm) -> Tensor:
    return torch.layer_norm(x_C, norm.normalized_shape, norm.weight, norm.bias, norm.eps)
