"""Joining pieces of speech where they agree best (SOLA, Roucos & Wilgus 1985).

Legend: T samples.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def join(first_T: Tensor, second_T: Tensor, *, overlap: int, search: int) -> Tensor:
    """Fade from the end of one piece into the next, shifted by up to `search` samples to where they
    correlate most.

    The second piece must repeat about the last `overlap` samples of the first.
    """
    shift = best_shift(first_T[-overlap:], second_T[: overlap + search])
    second_T = second_T[shift:]
    window = torch.hann_window(2 * overlap, dtype=first_T.dtype, device=first_T.device)
    faded = first_T[-overlap:] * window[overlap:] + second_T[:overlap] * window[:overlap]
    return torch.cat([first_T[:-overlap], faded, second_T[overlap:]])


def best_shift(template_T: Tensor, signal_T: Tensor) -> int:
    """Where a template correlates most with a longer signal, each place weighed by its energy."""
    correlation = F.conv1d(signal_T[None, None], template_T[None, None])
    energy = F.conv1d(signal_T.square()[None, None], torch.ones_like(template_T)[None, None])
    return int((correlation / (energy + 1e-8).sqrt()).argmax())
