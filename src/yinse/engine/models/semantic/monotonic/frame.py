"""One frame of the monotonic GPT with few operations, each a product of a matrix and a vector or smaller.

At this size a frame waits for weights to arrive and for calls to return. Everything here is taken from the modules of
the model when a text begins, and computes what they compute (tested against teacher forcing). Keep the two in step.

Legend: N layers, H heads, D channels of a head, E half of them, S positions, L phonemes, C channels, V tokens, A steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.attention import rotary_table

if TYPE_CHECKING:
    from yinse.engine.models.semantic.monotonic.model import DecoderBlock, MonotonicGpt


class FrameReader(ABC):
    """Reads frames one by one after a prompt of `position` frames, for phonemes from `first` on.

    `kept_N2HSD` keys and values of every layer, those of the prompt written.
    """

    def __init__(
        self, model: MonotonicGpt, encoded_1LC: Tensor, kept_N2HSD: Tensor, *, position: int, first: int
    ) -> None:
        self._kept_N2HSD, self._position, self._first = kept_N2HSD, position, first
        self._begin, self._capacity = position, kept_N2HSD.shape[3]
        turns = rotary_table(
            self._capacity - position, kept_N2HSD.shape[4], start=position, device=encoded_1LC.device
        )
        self._turn_2SE = torch.stack(turns)
        self._oldest, self._age_XC, self._token_VC = model.config.oldest, model.age.weight, model.token.weight
        # What the decoder sees of a phoneme and of its successor, and what a token is mixed from, for all at once.
        encoded_LC = encoded_1LC[0, first:]
        ahead_LC = torch.cat([encoded_LC[1:], encoded_LC[-1:]])
        self._seen_LC = model.here(encoded_LC) + model.ahead(ahead_LC)
        mix = model.token_mix
        self._mixed_LC = F.linear(encoded_LC, mix.weight[:, model.config.channels :], mix.bias)

    def read(self, pointer: int, age: int, token: int) -> tuple[Tensor, Tensor]:
        """Read the frame before: hidden state (C,) and step logits (A,). `token` is -1 before the first."""
        if self._position >= self._capacity:
            raise IndexError(f"the cache holds {self._capacity} positions, {self._position + 1} are needed")
        x_C = (
            self._seen_LC[pointer - self._first]
            + self._age_XC[min(age, self._oldest - 1)]
            + self._token_VC[token + 1]
        )
        found = self._pass(x_C, self._position, self._position - self._begin)
        self._position += 1
        return found

    @abstractmethod
    def _pass(self, x_C: Tensor, position: int, place: int) -> tuple[Tensor, Tensor]:
        """Hidden state (C,) and step logits (A,) of a position, whose turn stands at `place`."""

    @abstractmethod
    def token_logits(self, hidden_C: Tensor, pointer: int) -> Tensor:
        """Token logits (V,) of the frame if the pointer stands on `pointer`."""


class TorchReader(FrameReader):
    """Reads frames with torch."""

    def __init__(
        self, model: MonotonicGpt, encoded_1LC: Tensor, kept_N2HSD: Tensor, *, position: int, first: int
    ) -> None:
        super().__init__(model, encoded_1LC, kept_N2HSD, position=position, first=first)
        self._turn_SE = torch.complex(*self._turn_2SE)
        self._mix_CC = model.token_mix.weight[:, : model.config.channels].contiguous()
        self._layers = [
            _Layer(cast("DecoderBlock", block), kept_2HSD)
            for block, kept_2HSD in zip(model.decoder, kept_N2HSD, strict=True)
        ]
        self._norm, self._step_head, self._token_head = model.decoder_norm, model.step_head, model.token_head

    def _pass(self, x_C: Tensor, position: int, place: int) -> tuple[Tensor, Tensor]:
        for layer in self._layers:
            x_C = layer(x_C, self._turn_SE[place], position)
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

    def __init__(self, block: DecoderBlock, kept_2HSD: Tensor) -> None:
        attention, width = block.attention, block.attention.qkv.in_features
        _, heads, room, size = kept_2HSD.shape
        self._attention_norm, self._perceptron_norm = block.attention_norm, block.perceptron_norm
        self._qkv_weight, self._qkv_bias = _paired(attention.qkv, heads)
        self._out, self._expand, self._project = attention.out, block.expand, block.project
        qkv_C = self._qkv_bias.new_empty(3 * width)
        self._qkv_C = qkv_C
        self._turned_ZE = torch.view_as_complex(qkv_C[: 2 * width].view(2 * heads, -1, 2))
        self._query_H1D = qkv_C[:width].view(heads, 1, -1)
        self._new_ZD = qkv_C[width:].view(2 * heads, -1)
        key_HSED = kept_2HSD[0].view(heads, room, 2, size // 2).transpose(2, 3)
        self._kept_ZSD = torch.cat([key_HSED.flatten(2), kept_2HSD[1]])
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
