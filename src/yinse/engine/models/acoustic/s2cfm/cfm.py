"""Conditional flow matching with a step size as input (Lipman et al. 2023; Frans et al. 2024, shortcut
models).

Legend: B batch, M mel bands, N frames, P prompt frames, E condition channels.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from yinse.engine.models.acoustic.s2cfm.dit import Dit

LOWEST, HIGHEST = -12.0, 2.0
"""Range of log mel values that maps to -1..1."""


def normalise(log_mel: Tensor) -> Tensor:
    """Log mel to the range of the flow."""
    return (log_mel - LOWEST) / (HIGHEST - LOWEST) * 2 - 1


def denormalise(mel: Tensor) -> Tensor:
    """The range of the flow back to log mel."""
    return (mel + 1) / 2 * (HIGHEST - LOWEST) + LOWEST


def sample(
    dit: Dit,
    features_BEN: Tensor,
    prompt_BMP: Tensor,
    noise_BMN: Tensor,
    *,
    steps: int,
    guidance: float = 0.0,
) -> Tensor:
    """Follow the flow from noise in equal steps: (B, M, N). The prompt part of the result is zero."""
    frames, prompted = noise_BMN.shape[2], prompt_BMP.shape[2]
    prompt_BMN = F.pad(prompt_BMP, (0, frames - prompted))
    condition_BNE = dit.condition(features_BEN.transpose(1, 2))
    blank_BNE = dit.condition(torch.zeros_like(features_BEN).transpose(1, 2)) if guidance else None
    size = 1.0 / steps
    # Times stay in float32: bfloat16 cannot tell 31 thirty-seconds of a thousand from its neighbours.
    step_B = noise_BMN.new_full((len(noise_BMN),), size, dtype=torch.float32)
    x_BMN = _without_prompt(noise_BMN, prompted)
    for index in range(steps):
        time_B = torch.full_like(step_B, index * size)
        velocity = dit(x_BMN, prompt_BMN, condition_BNE, time_B, step_B)
        if blank_BNE is not None:
            unguided = dit(x_BMN, torch.zeros_like(prompt_BMN), blank_BNE, time_B, step_B)
            velocity = velocity + (velocity - unguided) * guidance
        x_BMN = _without_prompt(x_BMN + size * velocity, prompted)
    return x_BMN


def _without_prompt(x_BMN: Tensor, prompted: int) -> Tensor:
    return F.pad(x_BMN[:, :, prompted:], (prompted, 0))
