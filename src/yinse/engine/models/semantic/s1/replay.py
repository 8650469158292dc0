"""A decoding step of s1 whose shapes and addresses never change, so that a GPU can replay it as one graph.

A step is some three hundred small kernels. At batch 1 a GPU waits longer for their launches than for their
arithmetic; a captured graph is launched once. Legend: B batch, N layers, H heads, S positions, D channels of a
head, C width, V codes and the end.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from yinse.engine.models.semantic.s1.model import PostNormBlock, S1Model
from yinse.engine.models.semantic.s1.state import S1State

WARM_UPS = 3
"""Steps before a capture, in which kernels are chosen and loaded; torch's own advice for graphs."""


class FixedStep:
    """Continues utterances in buffers of its own: `begin` copies a prefilled state in, each call appends a token.

    Every call attends to the whole capacity, what is not filled hidden; one object serves one batch at a time.
    """

    def __init__(self, model: S1Model, batch: int, capacity: int) -> None:
        weight = model.head.weight
        width = weight.shape[1]
        shape = (len(model.blocks), batch, model.heads, capacity, width // model.heads)
        self.model, self.batch, self.capacity = model, batch, capacity
        self.keys_NBHSD, self.values_NBHSD = weight.new_zeros(shape), weight.new_zeros(shape)
        self.bias_B11S = weight.new_full((batch, 1, 1, capacity), -math.inf)
        self.bias_B11S[..., 0] = 0.0
        self.place_1 = torch.zeros(1, dtype=torch.long, device=weight.device)
        self.next_B = torch.zeros(batch, dtype=torch.long, device=weight.device)
        self.tokens_B = torch.zeros(batch, dtype=torch.long, device=weight.device)
        self._length = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._logits_BV: Tensor | None = None

    @torch.inference_mode()
    def begin(self, state: S1State) -> None:
        """Continue from here; the state itself is not touched. Raises `ValueError` where it does not fit."""
        _, batch, _, _, _ = state.keys_NBHSD.shape
        if batch != self.batch or state.length >= self.capacity:
            raise ValueError(
                f"a batch of {batch} with {state.length} positions does not fit "
                f"a step for {self.batch} with room for {self.capacity}"
            )
        length = state.length
        self.keys_NBHSD[:, :, :, :length] = state.keys_NBHSD[:, :, :, :length]
        self.values_NBHSD[:, :, :, :length] = state.values_NBHSD[:, :, :, :length]
        self.bias_B11S.fill_(-math.inf)
        self.bias_B11S[..., :length] = 0.0 if state.bias_B11S is None else state.bias_B11S[..., :length]
        self.place_1.fill_(length)
        self.next_B.copy_(state.next_B)
        self._length = length

    @torch.inference_mode()
    def __call__(self, tokens_B: Tensor) -> Tensor:
        """Append one token to every row: scores of the next one (B, V), overwritten by the next call."""
        if self._length >= self.capacity:
            raise ValueError(f"the state is full at {self.capacity} positions")
        self._length += 1
        self.tokens_B.copy_(tokens_B)
        if self._graph is None or self._logits_BV is None:
            return self._advance()
        self._graph.replay()
        return self._logits_BV

    @torch.inference_mode()
    def capture(self) -> None:
        """Record the step, so that calls replay it. CUDA only; `begin` comes after it."""
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                self.place_1.zero_()
                self._advance()
        torch.cuda.current_stream().wait_stream(stream)
        self.place_1.zero_()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._logits_BV = self._advance()
        self._graph = graph

    def _advance(self) -> Tensor:
        self.bias_B11S.index_fill_(3, self.place_1, 0.0)
        x_B1C = self.model.embed_audio(self.tokens_B[:, None], self.next_B)
        for index, block in enumerate(self.model.blocks):
            assert isinstance(block, PostNormBlock)
            x_B1C = self._layer(index, block, x_B1C)
        self.place_1.add_(1)
        self.next_B.add_(1)
        logits_BV: Tensor = self.model.head(x_B1C[:, 0])
        return logits_BV

    def _layer(self, index: int, block: PostNormBlock, x_B1C: Tensor) -> Tensor:
        keys_BHSD, values_BHSD = self.keys_NBHSD[index], self.values_NBHSD[index]
        qkv_B3HD = block.attention.qkv(x_B1C).view(self.batch, 3, self.model.heads, -1)
        q_BHD, k_BHD, v_BHD = qkv_B3HD.unbind(1)
        keys_BHSD.index_copy_(2, self.place_1, k_BHD[:, :, None])
        values_BHSD.index_copy_(2, self.place_1, v_BHD[:, :, None])
        mixed = F.scaled_dot_product_attention(q_BHD[:, :, None], keys_BHSD, values_BHSD, self.bias_B11S)
        x_B1C = block.attention_norm(x_B1C + block.attention.output(mixed.view(self.batch, 1, -1)))
        out: Tensor = block.feedforward_norm(x_B1C + block.project(F.relu(block.expand(x_B1C))))
        return out
