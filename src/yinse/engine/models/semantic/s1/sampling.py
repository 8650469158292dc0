"""Choosing the next token, in the published order: penalty, top-p, temperature, top-k, draw.

Every function takes one row of scores or a batch of them. Legend: V codes and the end.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

LOWEST_TEMPERATURE = 1e-5


@dataclass(frozen=True, slots=True)
class SamplingControls:
    """How freely tokens are drawn."""

    top_k: int | None = 15
    top_p: float = 1.0
    temperature: float = 1.0
    repetition_penalty: float = 1.35
    """Divides the score of every token that was already used; 1 for none (Keskar et al. 2019)."""


def penalise(logits_V: Tensor, used_V: Tensor, penalty: float) -> Tensor:
    """Make used tokens (true in `used_V`) less likely."""
    if penalty == 1.0:
        return logits_V
    lowered = torch.where(logits_V < 0, logits_V * penalty, logits_V / penalty)
    return torch.where(used_V, lowered, logits_V)


def probabilities(logits_V: Tensor, controls: SamplingControls) -> Tensor:
    """Distribution that the next token is drawn from, after the penalty."""
    if controls.top_p < 1.0:
        logits_V = _keep_nucleus(logits_V, controls.top_p)
    logits_V = logits_V / max(controls.temperature, LOWEST_TEMPERATURE)
    if controls.top_k is not None:
        kept = min(controls.top_k, logits_V.shape[-1])
        lowest = logits_V.topk(kept).values[..., -1:]
        logits_V = logits_V.masked_fill(logits_V < lowest, -math.inf)
    return logits_V.softmax(-1)


def _keep_nucleus(logits_V: Tensor, share: float) -> Tensor:
    """Nucleus without the token that crosses the share (stricter than Holtzman et al. 2020); never empty."""
    ordered, order = logits_V.sort(descending=True)
    dropped = ordered.softmax(-1).cumsum(-1) > share
    dropped[..., 0] = False
    return logits_V.masked_fill(torch.zeros_like(dropped).scatter(-1, order, dropped), -math.inf)


def draw(probabilities_V: Tensor, generator: torch.Generator | None) -> Tensor:
    """One token by the exponential race: the largest of p / Exp(1)."""
    noise = torch.empty_like(probabilities_V).exponential_(generator=generator)
    return (probabilities_V / noise).argmax(-1)
