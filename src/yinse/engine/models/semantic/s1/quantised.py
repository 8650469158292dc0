"""s1 with 8-bit weights, and a decoding step without detours.

One token at batch 1 reads every weight once, so the time of a step is the time of reading them. Keys and values are read
as often; where the machine multiplies bfloat16 they are kept in it. Legend: B batch, C width, H heads, S positions,
D channels of a head, V codes and the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.int8 import Int8Linear, to_int8
from yinse.engine.models.semantic.s1.model import PostNormBlock, S1Model
from yinse.engine.models.semantic.s1.state import S1Input, S1State


class Int8S1(S1Model):
    """An s1 for the CPU. It takes the parts of the model that it is made from, which must not be used any more.

    Rows of a batch share the scale of their inputs, so a row may differ in the last bits from itself alone.
    """

    def __init__(self, model: S1Model, *, kept: torch.dtype = torch.float32) -> None:
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
        self.kept = kept
        """What keys and values are kept in."""
        self.eval().requires_grad_(False)

    def prefill(self, inputs: Sequence[S1Input], room: int) -> tuple[Tensor, S1State]:
        """Read texts and prompts: scores of the first new token (B, V), and a state with room for new ones.

        The room is made only once keys and values are of the type that they are kept in.
        """
        logits_BV, state = super().prefill(inputs, 0)
        bias = None if state.bias_B11S is None else state.bias_B11S.to(self.kept)
        keys, values = state.keys_NBHSD.to(self.kept), state.values_NBHSD.to(self.kept)
        return logits_BV, replace(state, keys_NBHSD=keys, values_NBHSD=values, bias_B11S=bias).with_room(room)

    def step(self, tokens_B: Tensor, state: S1State) -> tuple[Tensor, S1State]:
        """Append one token to every row: scores of the next one (B, V)."""
        if state.length >= state.capacity:
            raise ValueError(f"the state is full at {state.capacity} positions")
        x_BC = self.embed_audio(tokens_B[:, None], state.next_B)[:, 0]
        end = state.length + 1
        hidden = None if state.bias_B11S is None else state.bias_B11S[..., :end]
        keys = state.keys_NBHSD[:, :, :, :end].unbind(0)
        values = state.values_NBHSD[:, :, :, :end].unbind(0)
        for layer, layer_keys, layer_values in zip(self._layers, keys, values, strict=True):
            x_BC = layer.step(x_BC, layer_keys, layer_values, hidden)
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
        self, x_BC: Tensor, keys_BHSD: Tensor, values_BHSD: Tensor, hidden_B11S: Tensor | None
    ) -> Tensor:
        """Write the key and value of the last position, attend to all, and through the perceptron."""
        linear, narrow = torch.ops.quantized.linear_dynamic, self.narrow
        batch, heads, _, size = keys_BHSD.shape
        qkv_BC = linear(x_BC, self.qkv, narrow).to(keys_BHSD.dtype)
        q_BHD, k_BHD, v_BHD = qkv_BC.view(batch, 3, heads, size).unbind(1)
        keys_BHSD[:, :, -1], values_BHSD[:, :, -1] = k_BHD, v_BHD
        mixed_BH1D = F.scaled_dot_product_attention(q_BHD[:, :, None], keys_BHSD, values_BHSD, hidden_B11S)
        mixed_BC = mixed_BH1D.reshape(batch, -1).float()
        x_BC = torch.layer_norm(x_BC + linear(mixed_BC, self.output, narrow), *self.attention_norm)
        hidden = torch.ops.quantized.linear_relu_dynamic(x_BC, self.expand, narrow)
        return torch.layer_norm(x_BC + linear(hidden, self.project, narrow), *self.feedforward_norm)


def _int8(layer: nn.Module) -> Int8Linear:
    if not isinstance(layer, Int8Linear):
        raise TypeError(f"{type(layer).__name__} has no 8-bit weights")
    return layer


def _norm(layer: nn.LayerNorm) -> Norm:
    return tuple(layer.normalized_shape), layer.weight, layer.bias, layer.eps
