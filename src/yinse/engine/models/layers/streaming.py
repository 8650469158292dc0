"""Convolution that can be fed in pieces: any chunking gives the samples of the whole.

A symmetric convolution of kernel k looks `(k - 1) // 2` frames ahead, so when streaming it answers that many
frames late. State is a value: the frames still needed, passed in and returned, so two streams may share one
module.

Legend: B batch, C channels, T frames.
"""

from dataclasses import dataclass

from torch import Tensor, cat, nn
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class ConvState:
    """Input frames that later outputs still need: (B, C, k - 1) once warmed up."""

    history_BCT: Tensor


class StreamConv1d(nn.Conv1d):
    """Stride-1 convolution with odd kernel, zero-padded to keep the length, whole or in pieces."""

    def __init__(
        self, channels: int, out_channels: int, kernel: int, *, groups: int = 1, dilation: int = 1
    ) -> None:
        if kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, got {kernel}")
        super().__init__(channels, out_channels, kernel, groups=groups, dilation=dilation)
        self.reach = (kernel - 1) // 2 * dilation
        """Frames this layer sees on either side."""

    def forward(self, x_BCT: Tensor) -> Tensor:
        """Whole sequence: (B, C, T) -> (B, out, T)."""
        return F.conv1d(x_BCT, self.weight, self.bias, 1, self.reach, self.dilation, self.groups)

    def stream(self, x_BCT: Tensor, state: ConvState | None, *, last: bool) -> tuple[Tensor, ConvState]:
        """Feed a piece. Output lags `reach` frames behind until `last` flushes it."""
        known = F.pad(x_BCT, (self.reach, 0)) if state is None else cat([state.history_BCT, x_BCT], 2)
        if last:
            known = F.pad(known, (0, self.reach))
        ready = max(0, known.shape[2] - 2 * self.reach)
        out = self._valid(known) if ready else known.new_zeros(known.shape[0], self.out_channels, 0)
        return out, ConvState(known[:, :, ready:])

    def _valid(self, x_BCT: Tensor) -> Tensor:
        return F.conv1d(x_BCT, self.weight, self.bias, 1, 0, self.dilation, self.groups)


def delay(x_BCT: Tensor, state: ConvState | None, ready: int) -> tuple[Tensor, ConvState]:
    """Hold a residual path back until its convolution has answered: return `ready` frames, keep the rest."""
    known = x_BCT if state is None else cat([state.history_BCT, x_BCT], 2)
    return known[:, :, :ready], ConvState(known[:, :, ready:])
