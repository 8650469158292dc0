"""s1 with 8-bit weights for the CPU, its decoding step compiled as one function.

One token at batch 1 reads every weight once, so the time of a step is the time of reading them; keys and values, which are
read as often, are kept in bfloat16. Legend: B batch, S positions, V codes and the end.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numba
import numpy as np
import torch
from torch import Tensor, nn

from yinse.engine.models.layers.int8 import Int8Stored, store_int8
from yinse.engine.models.semantic import kernels
from yinse.engine.models.semantic.s1.model import PostNormBlock, S1Model
from yinse.engine.models.semantic.s1.state import S1Input, S1State

KEPT = torch.bfloat16
"""What keys and values are kept in."""
MOST_THREADS: int = vars(numba.config)["NUMBA_NUM_THREADS"]
_one_at_a_time = threading.Lock()
"""Steps of several threads would share the same cores, which not every threading layer of numba allows."""


class Int8S1(S1Model):
    """An s1 for the CPU. It takes the parts of the model that it is made from, which must not be used any more."""

    def __init__(self, model: S1Model, *, dtype: torch.dtype = torch.float32) -> None:
        """`dtype` is what texts and prompts are multiplied in while they are read."""
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
        store_int8(self.blocks, dtype)
        self._layers = _layers(blocks, Int8Stored(model.head, dtype))
        self.eval().requires_grad_(False)
        self._compile()

    def prefill(self, inputs: Sequence[S1Input], room: int) -> tuple[Tensor, S1State]:
        """Read texts and prompts: scores of the first new token (B, V), and a state with room for new ones.

        The room is made only once keys and values are of the type that they are kept in.
        """
        logits_BV, state = super().prefill(inputs, 0)
        return logits_BV, _kept(state).with_room(room)

    def step(self, tokens_B: Tensor, state: S1State) -> tuple[Tensor, S1State]:
        """Append one token to every row: scores of the next one (B, V)."""
        if state.length >= state.capacity:
            raise ValueError(f"the state is full at {state.capacity} positions")
        x_BC = self.embed_audio(tokens_B[:, None], state.next_B)[:, 0].contiguous()
        batch = len(x_BC)
        hidden_BS = x_BC.new_zeros(batch, state.capacity)
        if state.bias_B11S is not None:
            hidden_BS.copy_(state.bias_B11S[:, 0, 0])
        logits_BV = x_BC.new_empty(batch, self.head.out_features)
        keys, values = (kept.view(torch.uint16).numpy() for kept in (state.keys_NBHSD, state.values_NBHSD))
        with _one_at_a_time, _threads_of_torch():
            kernels.step(
                self._layers, x_BC.numpy(), keys, values, hidden_BS.numpy(), state.length, logits_BV.numpy()
            )
        return logits_BV, state.advanced()

    @torch.inference_mode()
    def _compile(self) -> None:
        """Take a first step, so that no utterance waits for the compiler."""
        state = self._allocate(torch.zeros(1, 0, self.tokens.embedding_dim), [0], 1)
        self.step(torch.zeros(1, dtype=torch.long), _kept(state))


def _kept(state: S1State) -> S1State:
    """A state in the type that keys and values are kept in."""
    return replace(state, keys_NBHSD=state.keys_NBHSD.to(KEPT), values_NBHSD=state.values_NBHSD.to(KEPT))


@contextmanager
def _threads_of_torch() -> Iterator[None]:
    """As many threads as torch uses. Both may share one OpenMP, whose number numba sets to all when it starts its own."""
    threads = torch.get_num_threads()
    numba.set_num_threads(min(threads, MOST_THREADS))
    yield
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


def _layers(blocks: Sequence[PostNormBlock], head: Int8Stored) -> kernels.Layers:
    return (
        _weights([one.attention.qkv for one in blocks]),
        _weights([one.attention.output for one in blocks]),
        _norm([one.attention_norm for one in blocks]),
        _weights([one.expand for one in blocks]),
        _weights([one.project for one in blocks]),
        _norm([one.feedforward_norm for one in blocks]),
        _weights([head]),
    )


def _weights(layers: Sequence[nn.Module]) -> kernels.Weights:
    """The layers one behind another, which they share."""
    stored = [layer for layer in layers if isinstance(layer, Int8Stored)]
    whole_NOI = torch.stack([layer.weight_OI for layer in stored])
    for layer, whole_OI in zip(stored, whole_NOI, strict=True):
        layer.weight_OI = whole_OI
    scale_NO = torch.stack([layer.scale_O for layer in stored])
    bias_NO = torch.stack(
        [torch.zeros_like(layer.scale_O) if layer.bias is None else layer.bias for layer in stored]
    )
    return whole_NOI.numpy(), scale_NO.numpy(), bias_NO.numpy()


@torch.no_grad()
def _norm(layers: Sequence[nn.LayerNorm]) -> kernels.Norm:
    gains, shifts = (torch.stack([getattr(one, name) for one in layers]) for name in ("weight", "bias"))
    return gains.float().numpy(), shifts.float().numpy(), np.float32(layers[0].eps)
