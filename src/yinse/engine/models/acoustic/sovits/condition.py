"""What is said and who says it, as one hidden sequence at the latent frame rate.

Tokens and phonemes are laid out at 25 Hz; attention into the reference recording copies how this voice sounds
when it says the like; a speaker embedding shifts and scales every block.

Legend: B batch, T token frames, F latent frames, S memory frames, D latent channels, C channels, H hidden
channels, E speaker embedding.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from yinse.engine.models.acoustic.sovits.config import TOKEN_RATE, SovitsConfig
from yinse.engine.models.layers.attention import CrossAttention
from yinse.engine.models.layers.convnext import BlockState, ConvNeXtStack
from yinse.engine.models.layers.fsq import FiniteScalarQuantizer

PHASES = 8
"""Places within a token that latent frames are told apart by."""

KeyValue = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice as the model sees it: an embedding, and the reference as every attention layer remembers it."""

    speaker_BE: Tensor
    memory: tuple[KeyValue, ...]
    mask_BS: Tensor | None = None


@dataclass(frozen=True, slots=True)
class ConditionState:
    """Streaming state of the encoder's stacks; `tokens` counts those already laid out as frames."""

    lower: tuple[BlockState, ...] | None
    upper: tuple[BlockState, ...] | None
    frame: tuple[BlockState, ...] | None
    tokens: int


class ContentEmbedding(nn.Module):
    """Token ids and phoneme ids to one vector a token frame: two (B, T) -> (B, T, C)."""

    def __init__(self, config: SovitsConfig) -> None:
        super().__init__()
        self.quantizer = FiniteScalarQuantizer(config.levels)
        self.digits = nn.Linear(len(config.levels), config.token_channels)
        self.token = nn.Embedding(config.vocabulary, config.token_channels)
        self.symbol = nn.Embedding(config.symbols, config.token_channels)
        nn.init.normal_(self.token.weight, std=0.1)

    def forward(self, token_BT: Tensor, symbol_BT: Tensor) -> Tensor:
        """Embed; symbol 0 means that the phoneme is not known."""
        values = self.quantizer.values(token_BT).to(self.digits.weight)
        embedded: Tensor = self.digits(values) + self.token(token_BT) + self.symbol(symbol_BT)
        return embedded


class ReferenceEncoder(nn.Module):
    """A reference recording as attention memory: its content and its latents, token frame by token frame."""

    def __init__(self, config: SovitsConfig, embedding: ContentEmbedding) -> None:
        super().__init__()
        self.config = config
        self.embed = [embedding]  # held in a list: shared with the condition encoder, stored once
        self.per_token = config.frames_before(1)
        self.latent = nn.Linear(self.per_token * config.inter_channels, config.token_channels)
        self.stack = ConvNeXtStack(config.token_channels, config.token_hidden, 2, kernel=5)
        self.norm = nn.LayerNorm(config.token_channels)

    def forward(self, token_BS: Tensor, symbol_BS: Tensor, latent_BDF: Tensor) -> Tensor:
        """Content (B, S) and latents (B, D, frames of S tokens) -> memory (B, S, C)."""
        tokens = torch.arange(token_BS.shape[1], device=token_BS.device)
        starts = tokens * self.config.rate // (TOKEN_RATE * self.config.hop)
        frames = starts[:, None] + torch.arange(self.per_token, device=tokens.device)
        stacked_BSX = latent_BDF.transpose(1, 2)[:, frames].flatten(2)
        x_BSC = self.embed[0](token_BS, symbol_BS) + self.latent(stacked_BSX)
        memory: Tensor = self.norm(self.stack(x_BSC.transpose(1, 2)).transpose(1, 2))
        return memory


class ConditionEncoder(nn.Module):
    """Content and voice to the hidden sequence h: (B, T) -> (B, H, F)."""

    def __init__(self, config: SovitsConfig) -> None:
        super().__init__()
        self.config = config
        width, half = config.token_channels, config.token_depth // 2
        self.embed = ContentEmbedding(config)
        self.reference = ReferenceEncoder(config, self.embed)
        stack = (width, config.token_hidden, half)
        self.lower = ConvNeXtStack(*stack, kernel=config.token_kernel, condition=config.speaker)
        self.upper = ConvNeXtStack(*stack, kernel=config.token_kernel, condition=config.speaker)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.attentions = nn.ModuleList(
            CrossAttention(width, width, config.heads, dropout=config.dropout) for _ in range(2)
        )
        self.speaker = nn.Linear(config.speaker, width)
        self.widen = nn.Linear(width, config.hidden_channels)
        self.phase = nn.Embedding(PHASES, config.hidden_channels)
        fine = (config.hidden_channels, config.hidden, config.frame_depth)
        self.frame = ConvNeXtStack(*fine, kernel=config.frame_kernel, condition=config.speaker)

    def remember(
        self,
        speaker_BE: Tensor,
        token_BS: Tensor,
        symbol_BS: Tensor,
        latent_BDF: Tensor,
        mask_BS: Tensor | None = None,
    ) -> Voice:
        """Digest a reference once; the result serves every sentence spoken in this voice."""
        memory_BSC = self.reference(token_BS, symbol_BS, latent_BDF)
        layers = cast("Iterable[CrossAttention]", self.attentions)
        return Voice(speaker_BE, tuple(layer.remember(memory_BSC) for layer in layers), mask_BS)

    def forward(self, token_BT: Tensor, symbol_BT: Tensor, voice: Voice) -> Tensor:
        """Whole sequence: (B, T) -> (B, H, frames_before(T))."""
        x_BCT = self.lower(self._enter(token_BT, symbol_BT, voice), voice.speaker_BE)
        x_BCT = self.upper(self._attend(x_BCT, voice, 1), voice.speaker_BE)
        hidden: Tensor = self.frame(self._to_frames(x_BCT, 0), voice.speaker_BE)
        return hidden

    def stream(
        self, token_BT: Tensor, symbol_BT: Tensor, voice: Voice, state: ConditionState | None, *, last: bool
    ) -> tuple[Tensor, ConditionState]:
        """Feed tokens; the output lags until `last`. Concatenated it equals `forward`."""
        known = state or ConditionState(None, None, None, 0)
        x_BCT = self._enter(token_BT, symbol_BT, voice)
        x_BCT, lower = self.lower.stream(x_BCT, known.lower, voice.speaker_BE, last=last)
        x_BCT = self._attend(x_BCT, voice, 1) if x_BCT.shape[2] else x_BCT
        x_BCT, upper = self.upper.stream(x_BCT, known.upper, voice.speaker_BE, last=last)
        frames = self._to_frames(x_BCT, known.tokens)
        hidden, frame = self.frame.stream(frames, known.frame, voice.speaker_BE, last=last)
        return hidden, ConditionState(lower, upper, frame, known.tokens + x_BCT.shape[2])

    def _enter(self, token_BT: Tensor, symbol_BT: Tensor, voice: Voice) -> Tensor:
        x_BTC = self.embed(token_BT, symbol_BT) + self.speaker(voice.speaker_BE)[:, None]
        return self._attend(x_BTC.transpose(1, 2), voice, 0)

    def _attend(self, x_BCT: Tensor, voice: Voice, layer: int) -> Tensor:
        x_BTC = x_BCT.transpose(1, 2)
        copied = self.attentions[layer](self.norms[layer](x_BTC), voice.memory[layer], voice.mask_BS)
        attended: Tensor = x_BTC + copied
        return attended.transpose(1, 2)

    def _to_frames(self, x_BCT: Tensor, first_token: int) -> Tensor:
        """Repeat every token for its latent frames and mark the place within it."""
        config = self.config
        begin, end = (config.frames_before(first_token + extra) for extra in (0, x_BCT.shape[2]))
        ticks = torch.arange(begin, end, device=x_BCT.device) * (TOKEN_RATE * config.hop)
        index = (ticks // config.rate - first_token).clamp_min(0)
        phase = ticks % config.rate * PHASES // config.rate
        frames_BFH: Tensor = self.widen(x_BCT.transpose(1, 2))[:, index] + self.phase(phase)
        return frames_BFH.transpose(1, 2)
