"""Speech to phoneme scores and to discrete tokens that forget the speaker.

A trunk at 25 Hz is cut in two by a finite scalar quantiser. The top half learns CTC (Graves et al. 2006) from
quantised and from unquantised frames alike, so one network serves as tokenizer, as aligner and as judge.

Legend: B batch, M mel bands, F mel frames (100/s), T token frames (25/s), U score frames (50/s), C channels,
V symbols.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yinse.engine.models.content.phonetic.config import ContentConfig
from yinse.engine.models.layers.attention import SelfAttention, rotary_table
from yinse.engine.models.layers.convnext import ConvNeXtBlock, ConvNeXtStack
from yinse.engine.models.layers.fsq import FiniteScalarQuantizer

FRAMES_PER_TOKEN = 4
TOKEN_RATE = 25
SCORES_PER_TOKEN = 2
MEL_SCALE = 2.5


class MixerBlock(nn.Module):
    """Self-attention for the far, a ConvNeXt block for the near."""

    def __init__(self, channels: int, hidden: int, heads: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.attention = SelfAttention(channels, heads)
        self.local = ConvNeXtBlock(channels, hidden, kernel=kernel, scale=0.3)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BTC: Tensor, rotary: tuple[Tensor, Tensor], mask_BT: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C); frames outside `mask_BT` are neither seen nor kept."""
        x_BTC = x_BTC + self.dropout(self.attention(self.norm(x_BTC), rotary, mask=mask_BT[:, None, None]))
        x_BTC = x_BTC * mask_BT[..., None]
        mixed: Tensor = self.local(x_BTC.transpose(1, 2)).transpose(1, 2)
        return mixed * mask_BT[..., None]


@dataclass(frozen=True, slots=True)
class Content:
    """What the encoder makes of speech.

    `tokens_BT` and their quantised channels `values_BTL` at 25 Hz; `logits_BUV` of CTC at 50 Hz; `lengths_B`
    in tokens.
    """

    tokens_BT: Tensor
    values_BTL: Tensor
    logits_BUV: Tensor
    lengths_B: Tensor


class ContentEncoder(nn.Module):
    """Log-mel of `CONTENT_MEL` to tokens and phoneme scores."""

    def __init__(self, config: ContentConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.stem = nn.Conv1d(config.bands, width, 5, stride=2, padding=2)
        self.stem_blocks = ConvNeXtStack(width, config.hidden, config.stem_depth, kernel=7)
        self.halve = nn.Conv1d(width, width, 4, stride=2, padding=1)
        self.lower = self._blocks(config.lower_depth)
        # Without it the residual stream saturates the quantiser's tanh, and no gradient reaches it.
        self.middle_norm = nn.LayerNorm(width)
        self.squeeze = nn.Linear(width, len(config.levels))
        self.quantizer = FiniteScalarQuantizer(config.levels)
        self.expand = nn.Linear(len(config.levels), width)
        self.upper = self._blocks(config.upper_depth)
        self.final_norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, SCORES_PER_TOKEN * config.symbols)

    def _blocks(self, depth: int) -> nn.ModuleList:
        config = self.config
        sizes = (config.channels, config.hidden, config.heads, config.kernel, config.dropout)
        return nn.ModuleList(MixerBlock(*sizes) for _ in range(depth))

    def forward(self, mel_BMF: Tensor, lengths_B: Tensor, quantise_B: Tensor) -> Content:
        """Encode. `lengths_B` counts mel frames; rows of `quantise_B` reach the top through the quantiser."""
        frames_B = lengths_B // FRAMES_PER_TOKEN
        mask_BT, rotary = self._geometry(frames_B, mel_BMF.shape[2] // FRAMES_PER_TOKEN)
        hidden_BTC = self.encode(mel_BMF, lengths_B, mask_BT, rotary)
        values_BTL, tokens_BT = self.quantizer(self.squeeze(hidden_BTC))
        through = self.expand(values_BTL.to(hidden_BTC))
        mixed = torch.where(quantise_B[:, None, None], through, hidden_BTC)
        return Content(tokens_BT, values_BTL, self.score(mixed, mask_BT, rotary), frames_B)

    def encode(
        self, mel_BMF: Tensor, lengths_B: Tensor, mask_BT: Tensor, rotary: tuple[Tensor, Tensor]
    ) -> Tensor:
        """Mel to the hidden frames that are quantised: (B, M, F) -> (B, T, C)."""
        x_BCF = self.stem(_level_mel(mel_BMF, lengths_B))
        x_BTC = self.halve(self.stem_blocks(x_BCF))[:, :, : mask_BT.shape[1]].transpose(1, 2)
        for block in self.lower:
            x_BTC = block(x_BTC, rotary, mask_BT)
        normed: Tensor = self.middle_norm(x_BTC)
        return normed

    def score(self, x_BTC: Tensor, mask_BT: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """Hidden frames to phoneme logits at twice the rate: (B, T, C) -> (B, 2 T, V)."""
        for block in self.upper:
            x_BTC = block(x_BTC, rotary, mask_BT)
        logits: Tensor = self.head(self.final_norm(x_BTC))
        return torch.unflatten(logits, -1, (SCORES_PER_TOKEN, -1)).flatten(1, 2)

    def _geometry(self, frames_B: Tensor, length: int) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        positions = torch.arange(length, device=frames_B.device)
        size = self.config.channels // self.config.heads
        return positions[None] < frames_B[:, None], rotary_table(length, size, device=frames_B.device)


def _level_mel(mel_BMF: Tensor, lengths_B: Tensor) -> Tensor:
    """Remove each recording's mean spectrum (microphone and level), counting real frames only."""
    mask = (torch.arange(mel_BMF.shape[2], device=mel_BMF.device)[None] < lengths_B[:, None])[:, None]
    mean = (mel_BMF * mask).sum(2, keepdim=True) / lengths_B[:, None, None].clamp_min(1)
    return (mel_BMF - mean) * mask / MEL_SCALE
