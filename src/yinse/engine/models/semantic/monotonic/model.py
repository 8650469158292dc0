"""Phonemes and a prompt to semantic tokens, without skipping or repeating.

A decoder-only transformer runs at 25 Hz. At every frame it first decides how many phonemes to move on
(usually none or one), then which token the phoneme it now stands on sounds like. So the alignment is part of
the model's own output: no phoneme can be spoken twice, every token knows its phoneme, and the end is the
pointer stepping onto `EOS`, a decision of its own that no token can trigger. Related: monotonic transducers
for speech (VALL-T, Du et al. 2024).

Legend: B batch, L phonemes, T frames, C channels, V tokens, A steps.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.attention import KeyValueCache, SelfAttention, rotary_table
from yinse.engine.models.layers.convnext import ConvNeXtBlock
from yinse.engine.models.semantic.monotonic.config import SemanticConfig
from yinse.engine.models.semantic.monotonic.frame import FrameReader, TorchReader
from yinse.engine.models.semantic.monotonic.state import DecodeState


class EncoderBlock(nn.Module):
    """Bidirectional attention and a convolution over phonemes."""

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.channels)
        self.attention = SelfAttention(config.channels, config.heads)
        self.local = ConvNeXtBlock(config.channels, config.hidden, kernel=config.kernel, scale=0.3)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x_BLC: Tensor, rotary: tuple[Tensor, Tensor], mask_BL: Tensor) -> Tensor:
        """(B, L, C) -> (B, L, C)."""
        x_BLC = x_BLC + self.dropout(self.attention(self.norm(x_BLC), rotary, mask=mask_BL[:, None, None]))
        local: Tensor = self.local((x_BLC * mask_BL[..., None]).transpose(1, 2)).transpose(1, 2)
        return local


class DecoderBlock(nn.Module):
    """Pre-norm causal attention and a gated perceptron (Shazeer 2020)."""

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.channels)
        self.attention = SelfAttention(config.channels, config.heads)
        self.perceptron_norm = nn.LayerNorm(config.channels)
        self.expand = nn.Linear(config.channels, 2 * config.hidden)
        self.project = nn.Linear(config.hidden, config.channels)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, x_BTC: Tensor, rotary: tuple[Tensor, Tensor], cache: KeyValueCache | None = None
    ) -> Tensor:
        """(B, T, C) -> (B, T, C): causal without a cache, and after a prefix that is in the cache."""
        causal = cache is None or cache.length == 0
        normed = self.attention_norm(x_BTC)
        x_BTC = x_BTC + self.dropout(self.attention(normed, rotary, causal=causal, cache=cache))
        gate, value = self.expand(self.perceptron_norm(x_BTC)).chunk(2, -1)
        out: Tensor = x_BTC + self.dropout(self.project(F.silu(gate) * value))
        return out


class MonotonicGpt(nn.Module):
    """Phoneme ids to step and token logits; see the module's text for the walk of the pointer."""

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.symbol = nn.Embedding(config.symbols, width)
        self.encoder = nn.ModuleList(EncoderBlock(config) for _ in range(config.encoder_depth))
        self.encoder_norm = nn.LayerNorm(width)
        self.token = nn.Embedding(config.vocabulary + 1, width)
        self.here, self.ahead = nn.Linear(width, width), nn.Linear(width, width)
        self.age = nn.Embedding(config.oldest, width)
        self.decoder = nn.ModuleList(DecoderBlock(config) for _ in range(config.decoder_depth))
        self.decoder_norm = nn.LayerNorm(width)
        self.step_head = nn.Linear(width, config.longest_step + 1)
        self.token_mix = nn.Linear(2 * width, width)
        self.token_head = nn.Linear(width, config.vocabulary)
        self.reader: type[FrameReader] = TorchReader

    def encode(self, symbols_BL: Tensor, mask_BL: Tensor) -> Tensor:
        """Phonemes in the light of their neighbours: (B, L) -> (B, L, C)."""
        rotary = self._rotary(symbols_BL.shape[1], symbols_BL.device)
        x_BLC = self.symbol(symbols_BL)
        for block in self.encoder:
            x_BLC = block(x_BLC, rotary, mask_BL)
        normed: Tensor = self.encoder_norm(x_BLC)
        return normed

    def forward(
        self, symbols_BL: Tensor, mask_BL: Tensor, pointer_BT: Tensor, age_BT: Tensor, token_BT: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Teacher forcing: logits of the step into every frame (B, T, A) and of its token (B, T, V)."""
        encoded_BLC = self.encode(symbols_BL, mask_BL)
        before = _previous(pointer_BT, 0), _previous(age_BT, 0), _previous(token_BT, -1)
        x_BTC = self._enter(encoded_BLC, *before)
        rotary = self._rotary(x_BTC.shape[1], x_BTC.device)
        for block in self.decoder:
            x_BTC = block(x_BTC, rotary)
        x_BTC = self.decoder_norm(x_BTC)
        return self.step_head(x_BTC), self._token_logits(x_BTC, encoded_BLC, pointer_BT)

    def _enter(self, encoded_BLC: Tensor, pointer_BT: Tensor, age_BT: Tensor, token_BT: Tensor) -> Tensor:
        """What the decoder sees of the frame before: its phoneme, the next one, its age and its token."""
        last = encoded_BLC.shape[1] - 1
        here = _gather(encoded_BLC, pointer_BT)
        ahead = _gather(encoded_BLC, (pointer_BT + 1).clamp_max(last))
        age = self.age(age_BT.clamp_max(self.config.oldest - 1))
        seen: Tensor = self.here(here) + self.ahead(ahead) + age + self.token(token_BT + 1)
        return seen

    def _token_logits(self, x_BTC: Tensor, encoded_BLC: Tensor, pointer_BT: Tensor) -> Tensor:
        mixed = self.token_mix(torch.cat([x_BTC, _gather(encoded_BLC, pointer_BT)], -1))
        logits: Tensor = self.token_head(F.gelu(mixed))
        return logits

    def start(
        self, symbols_1L: Tensor, prompt_T: Tensor, pointer_T: Tensor, age_T: Tensor, room: int
    ) -> DecodeState:
        """Encode all phonemes and read the prompt's tokens; `room` frames may follow without reallocation."""
        encoded = self.encode(symbols_1L, torch.ones_like(symbols_1L, dtype=torch.bool))
        heads, frames = self.config.heads, len(prompt_T)
        shape = (len(self.decoder), 2, 1, heads, frames + room + 1, self.config.channels // heads)
        kept_N21HSD = encoded.new_zeros(shape)
        caches = tuple(KeyValueCache(*kept) for kept in kept_N21HSD)
        pointer, age, token = 0, 0, -1
        if frames:
            before = _previous(pointer_T[None], 0), _previous(age_T[None], 0), _previous(prompt_T[None], -1)
            self._decode(self._enter(encoded, *before), caches)
            pointer, age, token = int(pointer_T[-1]), int(age_T[-1]), int(prompt_T[-1])
        reader = self.reader(self, encoded, kept_N21HSD[:, :, 0], position=frames, first=pointer)
        return DecodeState(reader, pointer, age, token)

    def step(self, state: DecodeState) -> tuple[Tensor, Tensor]:
        """Read the last frame: hidden state (C,) and step logits (A,). The caller draws the step."""
        return state.reader.read(state.pointer, state.age, state.token)

    def token_logits(self, hidden_C: Tensor, state: DecodeState, pointer: int) -> Tensor:
        """Token logits (V,) of the frame if the pointer stands on `pointer`."""
        return state.reader.token_logits(hidden_C, pointer)

    def _decode(self, x_BTC: Tensor, caches: tuple[KeyValueCache, ...]) -> Tensor:
        rotary = self._rotary(x_BTC.shape[1], x_BTC.device)
        for block, cache in zip(self.decoder, caches, strict=True):
            x_BTC = block(x_BTC, rotary, cache)
        normed: Tensor = self.decoder_norm(x_BTC)
        return normed

    def _rotary(self, length: int, device: torch.device) -> tuple[Tensor, Tensor]:
        return rotary_table(length, self.config.channels // self.config.heads, device=device)


def _previous(x_BT: Tensor, first: int) -> Tensor:
    return F.pad(x_BT[:, :-1], (1, 0), value=first)


def _gather(encoded_BLC: Tensor, index_BT: Tensor) -> Tensor:
    return encoded_BLC.gather(1, index_BT[..., None].expand(-1, -1, encoded_BLC.shape[2]))


def ages(pointer_BT: Tensor) -> Tensor:
    """Frames since the pointer last moved: (B, T) -> (B, T)."""
    moved = F.pad(pointer_BT[:, 1:] != pointer_BT[:, :-1], (1, 0), value=True)
    positions = torch.arange(pointer_BT.shape[1], device=pointer_BT.device).expand_as(pointer_BT)
    entered = torch.where(moved, positions, 0).cummax(1).values
    return positions - entered
