"""Running a vocoder on a stream by windows that overlap as far as it can see.

Legend: B batch, C channels, T frames, N samples.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class WindowState:
    """Input frames that outputs still to come depend on, and how many of them were already answered."""

    frames_BCT: Tensor
    answered: int


def stream_windowed(
    decode: Callable[[Tensor, int, int], Tensor],
    x_BCT: Tensor,
    state: WindowState | None,
    *,
    reach: int,
    last: bool,
) -> tuple[Tensor, WindowState]:
    """Feed frames to `decode`, which makes the samples of some of them and sees `reach` frames on either side.

    It takes all frames, the first that is wanted and the one after the last: (B, C, T) -> (B, 1, wanted * hop).
    The samples lag `reach` frames behind until `last`. Concatenated they equal those of the whole.
    """
    known = x_BCT if state is None else torch.cat([state.frames_BCT, x_BCT], 2)
    answered = state.answered if state else 0
    ready = known.shape[2] - (0 if last else reach)
    if ready <= answered:
        return x_BCT.new_zeros(len(x_BCT), 1, 0), WindowState(known, answered)
    samples = decode(known, answered, ready)
    dropped = max(0, ready - reach)
    return samples, WindowState(known[:, :, dropped:], ready - dropped)
