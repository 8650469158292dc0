"""Frames of the monotonic GPT in one compiled function, for processes that speak for long.

Weights are read in half precision, which is what the bundle's and an adapted voice's are already, so that sums differ from
torch's by their order alone. Legend as in `frame`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from yinse.engine.models.semantic import kernels
from yinse.engine.models.semantic.monotonic.frame import FrameReader
from yinse.engine.models.semantic.monotonic.model import DecoderBlock, MonotonicGpt


@dataclass(frozen=True, slots=True)
class _Weights:
    """A model's weights as the kernels read them; `mix_CC` the part of `token_mix` for the hidden state."""

    layers: kernels.Frames
    norm: kernels.Norm
    step_head: kernels.Halves
    mix_CC: NDArray[np.uint16]
    token_head: kernels.Halves


_READ: Final[WeakKeyDictionary[MonotonicGpt, _Weights]] = WeakKeyDictionary()


class CompiledReader(FrameReader):
    """Reads frames with what numba makes of `kernels.frame`; the first one of a machine waits for the compiler.

    A model's weights are read once: they may not change after its first text. A copy of it has its own.
    """

    def __init__(
        self, model: MonotonicGpt, encoded_1LC: Tensor, kept_N2HSD: Tensor, *, position: int, first: int
    ) -> None:
        super().__init__(model, encoded_1LC, kept_N2HSD, position=position, first=first)
        if model not in _READ:
            _READ[model] = _weights(model)
        self._weights, self._mixed = _READ[model], self._mixed_LC.numpy()
        self._kept, self._turn = kept_N2HSD.numpy(), self._turn_2SE.transpose(0, 1).contiguous().numpy()

    def _pass(self, x_C: Tensor, position: int, place: int) -> tuple[Tensor, Tensor]:
        layers, norm, step_head = self._weights.layers, self._weights.norm, self._weights.step_head
        logits_A = np.empty(len(step_head[1]), np.float32)
        kernels.frame(layers, norm, step_head, x_C.numpy(), self._turn[place], self._kept, position, logits_A)
        return x_C, torch.from_numpy(logits_A)

    def token_logits(self, hidden_C: Tensor, pointer: int) -> Tensor:
        """Token logits (V,) of the frame if the pointer stands on `pointer`."""
        token_head = self._weights.token_head
        logits_V = np.empty(len(token_head[1]), np.float32)
        mix = self._weights.mix_CC, self._mixed[pointer - self._first]
        kernels.token(mix, token_head, hidden_C.numpy(), logits_V)
        return torch.from_numpy(logits_V)


@torch.inference_mode()
def compile_frames(model: MonotonicGpt) -> None:
    """Let a model read its frames so, and take a first one, so that no utterance waits for the compiler."""
    model.reader = CompiledReader
    nothing = torch.zeros(0, dtype=torch.int64)
    state = model.start(torch.zeros(1, 1, dtype=torch.int64), nothing, nothing, nothing, room=1)
    hidden_C, _ = model.step(state)
    model.token_logits(hidden_C, state, 0)


def _weights(model: MonotonicGpt) -> _Weights:
    width = model.config.channels
    return _Weights(
        _layers([cast(DecoderBlock, block) for block in model.decoder]),
        _norms([model.decoder_norm]),
        _linear(model.step_head),
        _halved(model.token_mix.weight[:, :width].contiguous()),
        _linear(model.token_head),
    )


def _layers(blocks: list[DecoderBlock]) -> kernels.Frames:
    return (
        _norms(block.attention_norm for block in blocks),
        _linears(block.attention.qkv for block in blocks),
        _linears(block.attention.out for block in blocks),
        _norms(block.perceptron_norm for block in blocks),
        _linears(block.expand for block in blocks),
        _linears(block.project for block in blocks),
    )


def _norms(layers: Iterable[nn.LayerNorm]) -> kernels.Norm:
    layers = list(layers)
    gains, shifts = (torch.stack([getattr(layer, name) for layer in layers]) for name in ("weight", "bias"))
    return _floats(gains), _floats(shifts), np.float32(layers[0].eps)


def _linears(layers: Iterable[nn.Linear]) -> kernels.Halves:
    layers = list(layers)
    bias_NO = torch.stack([layer.bias for layer in layers])
    return np.stack([_halved(layer.weight) for layer in layers]), _floats(bias_NO)


def _linear(layer: nn.Linear) -> kernels.Halves:
    return _halved(layer.weight), _floats(layer.bias)


def _halved(weight_OI: Tensor) -> NDArray[np.uint16]:
    return weight_OI.detach().half().view(torch.uint16).numpy()


def _floats(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().numpy()
