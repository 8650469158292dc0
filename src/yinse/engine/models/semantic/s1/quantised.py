"""s1 with 8-bit weights, and a decoding step without detours.

One token at batch 1 reads every weight once, so the time of a step is the time of reading them. Legend: B batch,
C width, H heads, S positions, D channels of a head, V codes and the end.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from yinse.engine.models.layers.int8 import Int8Linear, to_int8
from yinse.engine.models.semantic.s1.model import PostNormBlock, S1Model
from yinse.engine.models.semantic.s1.state import S1State


class Int8S1(S1Model):
    """An s1 for the CPU. It takes the parts of the model that it is made from, which must not be used any more.

    Rows of a batch share the scale of their inputs, so a row may differ in the last bits from itself alone.
    """

    def __init__(self, model: S1Model) -> None:
        blocks = [block for block in model.blocks if isinstance(block, PostNormBlock)]
        super().__init__(
            phones=model.phones,
            features=model.features,
            text_position=model.text_position,
            tokens=model.tokens,
            audio_position=model.audio_position,
            blocks=blocks,
            head=model.head,
        )
        to_int8(self.blocks)
        self.head = Int8Linear(model.head)  # type: ignore[assignment]
        self._layers = [_Layer.of(block) for block in blocks]
        self.eval().requires_grad_(False)

    def step(self, tokens_B: Tensor, state: S1State) -> tuple[Tensor, S1State]:
        """Append one token to every row: scores of the next one (B, V)."""
        if state.length >= state.capacity:
            raise ValueError(f"the state is full at {state.capacity} positions")
        x_BC = self.embed_audio(tokens_B[:, None], state.next_B)[:, 0]
        hidden = _by_head(state, self.heads)
        keys, values = state.keys_NBHSD.unbind(0), state.values_NBHSD.unbind(0)
        for layer, layer_keys, layer_values in zip(self._layers, keys, values, strict=True):
            x_BC = layer.step(x_BC, layer_keys, layer_values, state.length, hidden)
        return self.head(x_BC), state.advanced()


Norm = tuple[tuple[int, ...], Tensor, Tensor, float]


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one layer's step needs, without the way through its modules."""

    qkv: Any
    output: Any
    expand: Any
    project: Any
    attention_norm: Norm
    feedforward_norm: Norm
    narrow: bool

    @staticmethod
    def of(block: PostNormBlock) -> "_Layer":
        qkv, output = _int8(block.attention.qkv), _int8(block.attention.output)
        expand, project = _int8(block.expand), _int8(block.project)
        return _Layer(
            qkv.packed,
            output.packed,
            expand.packed,
            project.packed,
            _norm(block.attention_norm),
            _norm(block.feedforward_norm),
            qkv.narrow,
        )

    def step(
        self, x_BC: Tensor, keys_BHSD: Tensor, values_BHSD: Tensor, start: int, hidden_A1S: Tensor | None
    ) -> Tensor:
        """Write this position's key and value, attend to all before it, and through the perceptron."""
        linear, narrow = torch.ops.quantized.linear_dynamic, self.narrow
        batch, heads, room, size = keys_BHSD.shape
        q_BHD, k_BHD, v_BHD = linear(x_BC, self.qkv, narrow).view(batch, 3, heads, size).unbind(1)
        keys_BHSD[:, :, start], values_BHSD[:, :, start] = k_BHD, v_BHD
        keys_ASD = keys_BHSD.view(-1, room, size)[:, : start + 1]
        values_ASD = values_BHSD.view(-1, room, size)[:, : start + 1]
        q_A1D = q_BHD.reshape(-1, 1, size)
        if hidden_A1S is None:
            scores_A1S = torch.bmm(q_A1D * size**-0.5, keys_ASD.transpose(1, 2))
        else:
            scores_A1S = torch.baddbmm(hidden_A1S, q_A1D, keys_ASD.transpose(1, 2), alpha=size**-0.5)
        mixed_BC = torch.bmm(scores_A1S.softmax(-1), values_ASD).view(batch, -1)
        x_BC = torch.layer_norm(x_BC + linear(mixed_BC, self.output, narrow), *self.attention_norm)
        hidden = torch.ops.quantized.linear_relu_dynamic(x_BC, self.expand, narrow)
        return torch.layer_norm(x_BC + linear(hidden, self.project, narrow), *self.feedforward_norm)


def _int8(layer: nn.Module) -> Int8Linear:
    if not isinstance(layer, Int8Linear):
        raise TypeError(f"{type(layer).__name__} has no 8-bit weights")
    return layer


def _norm(layer: nn.LayerNorm) -> Norm:
    return tuple(layer.normalized_shape), layer.weight, layer.bias, layer.eps


def _by_head(state: S1State, heads: int) -> Tensor | None:
    """Minus infinity on what a row must not see, once a head: (B H, 1, S)."""
    if state.bias_B11S is None:
        return None
    seen = state.bias_B11S[..., : state.length + 1]
    return seen.expand(-1, heads, -1, -1).flatten(0, 1)
