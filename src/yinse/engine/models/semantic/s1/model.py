"""s1: a post-norm transformer that continues a spoken prompt token by token.

Legend: B batch, S positions, C width, H heads, D channels of a head, L phonemes, E text features, T tokens,
V codes and the end.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.semantic.s1.state import S1Input, S1State


class SinusoidalPosition(nn.Module):
    """Add a learned share of sine and cosine positions (Vaswani et al. 2017): (B, S, C) -> (B, S, C)."""

    table_SC: Tensor

    def __init__(self, width: int, positions: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1))
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("table_SC", sinusoids(positions, width), persistent=False)

    def forward(self, x_BSC: Tensor, start_B: Tensor | None = None) -> Tensor:
        """Positions count from zero, or from the start of each row."""
        if start_B is None:
            table = self.table_SC[: x_BSC.shape[1]]
        else:
            table = self.table_SC[start_B[:, None] + torch.arange(x_BSC.shape[1], device=x_BSC.device)]
        placed: Tensor = self.dropout(x_BSC + self.alpha * table)
        return placed


def sinusoids(positions: int, width: int) -> Tensor:
    """Interleaved sine and cosine table: (positions, width)."""
    frequency = torch.exp(torch.arange(0, width, 2, device="cpu") * (-math.log(10000.0) / width))
    angle = torch.arange(positions, device="cpu")[:, None] * frequency
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)


class CachedAttention(nn.Module):
    """Multi-head self attention that reads and extends keys and values in place."""

    def __init__(self, width: int, heads: int, *, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(
        self, x_BSC: Tensor, mask: Tensor | None, cache: tuple[Tensor, Tensor] | None = None, start: int = 0
    ) -> Tensor:
        """Attend; with a cache, the new positions are written at `start` and all before them are seen."""
        batch, size, _ = x_BSC.shape
        q_BHSD, k_BHSD, v_BHSD = self.qkv(x_BSC).view(batch, size, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if cache is not None:
            keys, values = cache
            end = start + size
            keys[:, :, start:end], values[:, :, start:end] = k_BHSD, v_BHSD
            k_BHSD, v_BHSD = keys[:, :, :end], values[:, :, :end]
        dropout = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q_BHSD, k_BHSD, v_BHSD, mask, dropout)
        out: Tensor = self.output(mixed.transpose(1, 2).reshape(batch, size, -1))
        return out


class PostNormBlock(nn.Module):
    """Attention and a two-layer perceptron, each added back and then normalised."""

    def __init__(self, width: int, heads: int, hidden: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.attention = CachedAttention(width, heads, dropout=dropout)
        self.attention_norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, hidden)
        self.project = nn.Linear(hidden, width)
        self.feedforward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x_BSC: Tensor, mask: Tensor | None, cache: tuple[Tensor, Tensor] | None = None, start: int = 0
    ) -> Tensor:
        """One layer."""
        x_BSC = self.attention_norm(x_BSC + self.dropout(self.attention(x_BSC, mask, cache, start)))
        hidden = self.dropout(F.relu(self.expand(x_BSC), inplace=True))
        out: Tensor = self.feedforward_norm(x_BSC + self.dropout(self.project(hidden)))
        return out


class S1Model(nn.Module):
    """Phonemes, text features and a prompt to scores of the next token."""

    def __init__(
        self,
        *,
        phones: nn.Embedding,
        features: nn.Linear,
        text_position: SinusoidalPosition,
        tokens: nn.Embedding,
        audio_position: SinusoidalPosition,
        blocks: Sequence[PostNormBlock],
        head: nn.Linear,
    ) -> None:
        super().__init__()
        self.phones = phones
        self.features = features
        self.text_position = text_position
        self.tokens = tokens
        self.audio_position = audio_position
        self.blocks = nn.ModuleList(blocks)
        self.head = head
        self.heads = blocks[0].attention.heads

    @property
    def end(self) -> int:
        """The token that ends an utterance."""
        return self.tokens.num_embeddings - 1

    def embed_text(self, phones_BL: Tensor, features_BEL: Tensor) -> Tensor:
        """Phonemes with their text features: (B, L), (B, E, L) -> (B, L, C)."""
        embedded: Tensor = self.text_position(
            self.phones(phones_BL) + self.features(features_BEL.transpose(1, 2))
        )
        return embedded

    def embed_audio(self, tokens_BT: Tensor, start_B: Tensor | None = None) -> Tensor:
        """Tokens at their positions: (B, T) -> (B, T, C)."""
        embedded: Tensor = self.audio_position(self.tokens(tokens_BT), start_B)
        return embedded

    def forward(
        self, phones_BL: Tensor, features_BEL: Tensor, tokens_BT: Tensor, hidden_BS: Tensor | None = None
    ) -> Tensor:
        """Scores of the token after each audio position, and of the first: (B, T + 1, V).

        `hidden_BS` is true where a text or audio position (S = L + T) must not be seen.
        """
        text = self.embed_text(phones_BL, features_BEL)
        audio = self.embed_audio(tokens_BT)
        mask = visible(text.shape[1], audio.shape[1], device=text.device)[None, None]
        if hidden_BS is not None:
            mask = mask & ~hidden_BS[:, None, None]
        x_BSC = torch.cat([text, audio], 1)
        for block in self.blocks:
            x_BSC = block(x_BSC, mask)
        logits: Tensor = self.head(x_BSC[:, text.shape[1] - 1 :])
        return logits

    def prefill(self, inputs: Sequence[S1Input], room: int) -> tuple[Tensor, S1State]:
        """Read texts and prompts: scores of the first new token (B, V), and a state with room for new ones.

        Rows of different length are padded on the left, so that all continue at the same position.
        """
        rows = [self._embed(one) for one in inputs]
        lengths = [len(row) for row in rows]
        longest = max(lengths)
        x_BSC = torch.stack([F.pad(row, (0, 0, longest - len(row), 0)) for row in rows])
        mask = torch.stack([_row_mask(one, longest, x_BSC.device) for one in inputs])[:, None]
        state = self._allocate(x_BSC, [len(one.prompt_P) for one in inputs], longest + room)
        if min(lengths) < longest:
            bias = x_BSC.new_zeros(len(rows), 1, 1, longest + room)
            for index, length in enumerate(lengths):
                bias[index, :, :, : longest - length] = -math.inf
            state = S1State(state.keys_NBHSD, state.values_NBHSD, state.length, state.next_B, bias)
        x_BSC = self._run(x_BSC, mask, state, 0)
        return self.head(x_BSC[:, -1]), state

    def step(self, tokens_B: Tensor, state: S1State) -> tuple[Tensor, S1State]:
        """Append one token to every row: scores of the next one (B, V)."""
        if state.length >= state.capacity:
            raise ValueError(f"the state is full at {state.capacity} positions")
        x_B1C = self.embed_audio(tokens_B[:, None], state.next_B)
        bias = None if state.bias_B11S is None else state.bias_B11S[..., : state.length + 1]
        x_B1C = self._run(x_B1C, bias, state, state.length)
        return self.head(x_B1C[:, 0]), state.advanced()

    def _embed(self, one: S1Input) -> Tensor:
        text = self.embed_text(one.phones_L[None], one.features_EL[None])
        return torch.cat([text, self.embed_audio(one.prompt_P[None])], 1)[0]

    def _run(self, x_BSC: Tensor, mask: Tensor | None, state: S1State, start: int) -> Tensor:
        for index, block in enumerate(self.blocks):
            x_BSC = block(x_BSC, mask, (state.keys_NBHSD[index], state.values_NBHSD[index]), start)
        return x_BSC

    def _allocate(self, x_BSC: Tensor, prompts: list[int], capacity: int) -> S1State:
        batch, size, width = x_BSC.shape
        shape = (len(self.blocks), batch, self.heads, capacity, width // self.heads)
        positions = torch.tensor(prompts, device=x_BSC.device)
        return S1State(x_BSC.new_zeros(shape), x_BSC.new_zeros(shape), size, positions, None)


def visible(text: int, audio: int, *, device: torch.device) -> Tensor:
    """Who sees whom, (S, S): text sees text; audio sees text and the audio up to itself."""
    size = text + audio
    seen = torch.ones(size, size, dtype=torch.bool, device=device).tril()
    seen[:, :text] = True
    return seen


def _row_mask(one: S1Input, size: int, device: torch.device) -> Tensor:
    """Visibility of one row padded on the left; padded positions see themselves, to stay numbers."""
    text, audio = len(one.phones_L), len(one.prompt_P)
    padding = size - text - audio
    mask = torch.eye(size, dtype=torch.bool, device=device)
    mask[padding:, padding:] = visible(text, audio, device=device)
    return mask
