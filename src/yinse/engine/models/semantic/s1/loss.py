"""Training loss of s1: the next token, and the end after the last.

Legend: B batch, L phonemes, T tokens, S = L + T positions, V codes and the end.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from yinse.engine.models.semantic.s1.model import S1Model


@dataclass(frozen=True, slots=True)
class LossRule:
    """How padding is treated; the published recipe counts it and hides the wrong side of the text."""

    over_padding: bool = False
    """Sum the loss over padded positions too; their target is the end."""
    mask_from_left: bool = False
    """Hide as many phonemes at the start of a short text as it lacks at its end."""


PUBLISHED = LossRule(over_padding=True, mask_from_left=True)


@dataclass(frozen=True, slots=True)
class S1Batch:
    """Utterances padded on the right."""

    phones_BL: Tensor
    features_BEL: Tensor
    phone_lengths_B: Tensor
    tokens_BT: Tensor
    token_lengths_B: Tensor


def next_token_loss(model: S1Model, batch: S1Batch, rule: LossRule) -> tuple[Tensor, Tensor]:
    """Summed cross entropy, and the number of positions it was summed over."""
    logits, targets, counted = scores(model, batch, rule)
    losses_BT = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    return (losses_BT * counted).sum(), counted.sum()


def scores(model: S1Model, batch: S1Batch, rule: LossRule) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (B, T + 1, V), targets (B, T + 1) and which targets count."""
    text_padding = beyond(batch.phone_lengths_B, batch.phones_BL.shape[1])
    if rule.mask_from_left:
        text_padding = text_padding.flip(1)
    audio_padding = beyond(batch.token_lengths_B, batch.tokens_BT.shape[1])
    tokens_BT = batch.tokens_BT.masked_fill(audio_padding, model.end)
    hidden_BS = torch.cat([text_padding, audio_padding], 1)
    logits = model(batch.phones_BL, batch.features_BEL, tokens_BT, hidden_BS)
    targets = F.pad(tokens_BT, (0, 1), value=model.end)
    counted = ~beyond(batch.token_lengths_B + 1, targets.shape[1]) | rule.over_padding
    return logits, targets, counted


def beyond(lengths_B: Tensor, size: int) -> Tensor:
    """True on padding: (B,) -> (B, size)."""
    return torch.arange(size, device=lengths_B.device) >= lengths_B[:, None]
