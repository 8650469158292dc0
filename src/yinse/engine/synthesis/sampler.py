"""Draw one class from logits (V,): penalty, temperature, top-k (Fan et al. 2018), top-p (Holtzman et al.
2020).
"""

import torch
from torch import Tensor

from yinse.engine.synthesis.options import SamplingOptions

GREEDY_BELOW = 1e-3


def draw(logits_V: Tensor, options: SamplingOptions, history: Tensor, generator: torch.Generator) -> int:
    """Sample a token. `history` holds token ids that the repetition penalty discourages."""
    logits_V = penalise(logits_V.float(), history, options.repetition_penalty)
    if options.temperature < GREEDY_BELOW:
        return int(logits_V.argmax())
    kept = keep_likely(logits_V / options.temperature, options.top_k, options.top_p)
    return int(torch.multinomial(kept.softmax(0), 1, generator=generator))


def draw_step(logits_A: Tensor, temperature: float, largest: int, generator: torch.Generator) -> int:
    """Sample how many phonemes to move on, at most `largest`."""
    allowed = logits_A[: largest + 1].float()
    if temperature < GREEDY_BELOW:
        return int(allowed.argmax())
    return int(torch.multinomial((allowed / temperature).softmax(0), 1, generator=generator))


def penalise(logits_V: Tensor, history: Tensor, penalty: float) -> Tensor:
    """Make tokens of the history less likely by a factor (Keskar et al. 2019)."""
    if penalty == 1.0 or not len(history):
        return logits_V
    seen = logits_V[history]
    return logits_V.index_put((history,), torch.where(seen < 0, seen * penalty, seen / penalty))


def keep_likely(logits_V: Tensor, top_k: int, top_p: float) -> Tensor:
    """Rule out all but the `top_k` best and the smallest set that holds `top_p` of the probability."""
    values, indices = logits_V.topk(min(top_k, len(logits_V)))
    before = values.softmax(0).cumsum(0) - values.softmax(0)
    chosen = before < top_p
    return torch.full_like(logits_V, float("-inf")).index_copy(0, indices[chosen], values[chosen])
