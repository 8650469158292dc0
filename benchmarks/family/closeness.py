"""What 8 bits cost: how far scores and sound move, and how often another token is the likeliest."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.family import voices
from yinse.engine.checkpoints.published.models import EndToEndModels
from yinse.engine.checkpoints.published.precision import quicken
from yinse.engine.models.semantic.s1.model import S1Model

FORCED = 100
TOP = 15
"""Tokens that the family's sampler keeps."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """int8 against fp32, the same tokens forced on both."""

    logit_error: float
    """Root mean square difference of the scores over that of the scores."""
    same_likeliest: float
    """Share of positions where the likeliest token is the same."""
    same_top: float
    """Share of the fifteen likeliest tokens that are the same."""
    signal_to_noise_db: float
    """Of five seconds of sound from the same tokens, without noise drawn."""


def closeness(version: str, rows: int = 4) -> Closeness:
    """Compare a voice with its own 8-bit twin."""
    exact = voices.build(version, "plain")
    quick = quicken(voices.twin(exact), "int8")
    assert isinstance(quick, EndToEndModels)
    expected, actual = scores(exact.s1, rows), scores(quick.s1, rows)
    return Closeness(
        float((actual - expected).norm() / expected.norm()),
        float((actual.argmax(-1) == expected.argmax(-1)).float().mean()),
        same_top(expected, actual),
        signal_to_noise(sound(exact), sound(quick)),
    )


@torch.inference_mode()
def scores(model: S1Model, rows: int) -> Tensor:
    """Scores after each forced token of several utterances, one at a time: (rows * (T + 1), V)."""
    found = []
    for row in range(rows):
        logits, state = model.prefill([voices.sentence(row)], FORCED)
        found.append(logits)
        for token in voices.tokens(FORCED, rows)[row]:
            logits, state = model.step(token[None], state)
            found.append(logits)
    return torch.cat(found)


def same_top(expected_NV: Tensor, actual_NV: Tensor) -> float:
    """Share of the likeliest tokens of one that are among those of the other."""
    mine, theirs = expected_NV.topk(TOP).indices, actual_NV.topk(TOP).indices
    return float((mine[:, :, None] == theirs[:, None]).any(2).float().mean())


@torch.inference_mode()
def sound(models: EndToEndModels) -> Tensor:
    """Five seconds."""
    phones = voices.sentence(0).phones_L[None]
    return models.s2.decode(voices.tokens(125), phones, voices.condition(models), noise_scale=0.0)


def signal_to_noise(expected: Tensor, actual: Tensor) -> float:
    """Decibels."""
    noise = float((actual - expected).square().sum())
    return math.inf if not noise else 10 * math.log10(float(expected.square().sum()) / noise)
