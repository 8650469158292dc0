"""How the published code decodes: keys and values of all positions so far are copied for every token."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from yinse.engine.models.semantic.s1.model import PostNormBlock, S1Model
from yinse.engine.models.semantic.s1.state import S1Input, S1State


class Stepper(Protocol):
    """A model that continues utterances token by token."""

    def step(self, tokens_B: Tensor, state: S1State) -> tuple[Tensor, S1State]:
        """Append one token to every row."""
        ...


class ConcatenatingS1:
    """s1 without room in its state: what the family's own loop does, over the same weights."""

    def __init__(self, model: S1Model) -> None:
        self.model = model
        self._keys: list[Tensor] = []
        self._values: list[Tensor] = []

    def prefill(self, inputs: Sequence[S1Input]) -> tuple[Tensor, S1State]:
        """Read texts and prompts."""
        logits, state = self.model.prefill(inputs, 0)
        self._keys, self._values = list(state.keys_NBHSD.unbind(0)), list(state.values_NBHSD.unbind(0))
        return logits, state

    def step(self, tokens_B: Tensor, state: S1State) -> tuple[Tensor, S1State]:
        """Append one token to every row, in new and longer tensors."""
        x_B1C = self.model.embed_audio(tokens_B[:, None], state.next_B)
        for index, block in enumerate(self.model.blocks):
            assert isinstance(block, PostNormBlock)
            x_B1C = self._layer(index, block, x_B1C)
        return self.model.head(x_B1C[:, 0]), state.advanced()

    def _layer(self, index: int, block: PostNormBlock, x_B1C: Tensor) -> Tensor:
        batch, heads = len(x_B1C), self.model.heads
        q_BHSD, k_BHSD, v_BHSD = (
            block.attention.qkv(x_B1C).view(batch, 1, 3, heads, -1).permute(2, 0, 3, 1, 4)
        )
        self._keys[index] = torch.cat([self._keys[index], k_BHSD], 2)
        self._values[index] = torch.cat([self._values[index], v_BHSD], 2)
        mixed = F.scaled_dot_product_attention(q_BHSD, self._keys[index], self._values[index])
        joined = mixed.transpose(1, 2).reshape(batch, 1, -1)
        x_B1C = block.attention_norm(x_B1C + block.attention.output(joined))
        out: Tensor = block.feedforward_norm(x_B1C + block.project(F.relu(block.expand(x_B1C))))
        return out
