"""Draw one class from logits (V,): penalty, temperature, top-k (Fan et al. 2018), top-p (Holtzman et al.
2020).
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from yinse.engine.synthesis.options import SamplingOptions

GREEDY_BELOW = 1e-3


def draw(
    logits_V: Tensor, options: SamplingOptions, history: Sequence[int], generator: torch.Generator
) -> int:
    """Sample a token. `history` holds token ids that the repetition penalty discourages."""
    logits_V = penalise(logits_V.float(), history, options.repetition_penalty)
    if options.temperature < GREEDY_BELOW:
        return int(logits_V.argmax())
    values, indices = logits_V.topk(min(options.top_k, len(logits_V)))
    chances = (values / options.temperature).softmax(0).tolist()
    return int(indices[_pick(nucleus(chances, options.top_p), generator)])


def draw_step(
    logits_A: Tensor,
    temperature: float,
    largest: int,
    generator: torch.Generator,
    *,
    duration_bias: float = 0.0,
) -> int:
    """Sample how many phonemes to move on, at most `largest`. `duration_bias` is added to the logit of staying."""
    allowed = logits_A[: largest + 1].float()
    if duration_bias:
        allowed = torch.cat([allowed[:1] + duration_bias, allowed[1:]])
    if temperature < GREEDY_BELOW:
        return int(allowed.argmax())
    return _pick((allowed / temperature).softmax(0).tolist(), generator)


def penalise(logits_V: Tensor, history: Sequence[int], penalty: float) -> Tensor:
    """Make tokens of the history less likely by a factor (Keskar et al. 2019)."""
    if penalty == 1.0 or not len(history):
        return logits_V
    places = torch.tensor(history, device=logits_V.device)
    seen = logits_V[places]
    return logits_V.index_put((places,), torch.where(seen < 0, seen * penalty, seen / penalty))


def nucleus(chances: Sequence[float], top_p: float) -> list[float]:
    """The first of falling chances that together reach `top_p`, the one that crosses it included."""
    reached = 0.0
    for count, chance in enumerate(chances, 1):
        reached += chance
        if reached >= top_p:
            return list(chances[:count])
    return list(chances)


def _pick(chances: Sequence[float], generator: torch.Generator) -> int:
    """Draw a place by one uniform number; the chances need not sum to one. They are few: lists beat tensors."""
    sums = list(accumulate(chances))
    drawn = torch.rand((), dtype=torch.float64, generator=generator, device=generator.device).item()
    return min(bisect_right(sums, drawn * sums[-1]), len(sums) - 1)
