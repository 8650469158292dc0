"""A conditional normalising flow: ActNorm and affine coupling (Kingma & Dhariwal 2018; Kim et al. 2021).

Legend: B batch, D latent channels, H condition channels, F frames.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from yinse.engine.models.acoustic.sovits.config import FlowConfig
from yinse.engine.models.layers.convnext import BlockState, ConvNeXtStack
from yinse.engine.models.layers.streaming import ConvState, StreamConv1d, delay

MAX_LOG_SCALE = 1.5


class ActNorm(nn.Module):
    """Scale and shift of every channel, set from the first batch to give zero mean and unit variance."""

    ready: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(1, channels, 1))
        self.log_scale = nn.Parameter(torch.zeros(1, channels, 1))
        self.register_buffer("ready", torch.tensor(False))
        self._asked = False
        """Whether `ready` is known to be set: asking it would make a GPU wait in every step."""

    def forward(self, x_BDF: Tensor) -> tuple[Tensor, Tensor]:
        """Data to noise; also the log-determinant of a frame, a scalar."""
        if self.training and not self._asked:
            if not bool(self.ready):
                self._settle(x_BDF)
            self._asked = True
        return (x_BDF + self.shift) * self.log_scale.exp(), self.log_scale.sum()

    def inverse(self, y_BDF: Tensor) -> Tensor:
        """Noise to data."""
        return y_BDF * (-self.log_scale).exp() - self.shift

    @torch.no_grad()
    def _settle(self, x_BDF: Tensor) -> None:
        self.shift.copy_(-x_BDF.mean((0, 2), keepdim=True))
        self.log_scale.copy_(-x_BDF.std((0, 2), keepdim=True).clamp_min(1e-3).log())
        self.ready.fill_(True)


@dataclass(frozen=True, slots=True)
class CouplingState:
    """Streaming state of one coupling: its network's, and both halves and the condition held back for it."""

    enter: ConvState
    stack: tuple[BlockState, ...]
    latent: ConvState


class AffineCoupling(nn.Module):
    """Half of the channels decides how the other half is scaled and shifted."""

    def __init__(self, channels: int, condition: int, config: FlowConfig) -> None:
        super().__init__()
        self.split = channels // 2
        self.enter = StreamConv1d(self.split + condition, config.channels, 1)
        self.stack = ConvNeXtStack(config.channels, config.hidden, config.depth, kernel=config.kernel)
        self.leave = nn.Conv1d(config.channels, 2 * self.split, 1)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x_BDF: Tensor, condition_BHF: Tensor) -> tuple[Tensor, Tensor]:
        """Data to noise; also the log-determinant summed over channels: (B, F)."""
        kept, moved = x_BDF.chunk(2, 1)
        shift, log_scale = self._affine(self.stack(self.enter(torch.cat([kept, condition_BHF], 1))))
        return torch.cat([kept, moved * log_scale.exp() + shift], 1), log_scale.sum(1)

    def inverse(self, y_BDF: Tensor, condition_BHF: Tensor) -> Tensor:
        """Noise to data."""
        hidden = self.stack(self.enter(torch.cat([y_BDF[:, : self.split], condition_BHF], 1)))
        return self._undo(y_BDF, hidden)

    def stream_inverse(
        self, y_BDF: Tensor, condition_BHF: Tensor, state: CouplingState | None, *, last: bool
    ) -> tuple[Tensor, CouplingState]:
        """Feed noise in pieces; the output lags until `last`."""
        entered = torch.cat([y_BDF[:, : self.split], condition_BHF], 1)
        hidden, enter = self.enter.stream(entered, None if state is None else state.enter, last=last)
        hidden, stack = self.stack.stream(hidden, None if state is None else state.stack, last=last)
        held, latent = delay(y_BDF, None if state is None else state.latent, hidden.shape[2])
        out = self._undo(held, hidden) if hidden.shape[2] else held
        return out, CouplingState(enter, stack, latent)

    def _undo(self, y_BDF: Tensor, hidden_BCF: Tensor) -> Tensor:
        kept, moved = y_BDF.chunk(2, 1)
        shift, log_scale = self._affine(hidden_BCF)
        return torch.cat([kept, (moved - shift) * (-log_scale).exp()], 1)

    def _affine(self, hidden_BCF: Tensor) -> tuple[Tensor, Tensor]:
        shift, raw = self.leave(hidden_BCF).float().chunk(2, 1)
        return shift, MAX_LOG_SCALE * torch.tanh(raw / MAX_LOG_SCALE)


@dataclass(frozen=True, slots=True)
class FlowState:
    """Streaming state of the whole flow, last step first; `conditions` are held back with each coupling."""

    couplings: tuple[CouplingState, ...]
    conditions: tuple[ConvState, ...]


class Flow(nn.Module):
    """Latents to a simple Gaussian and back, given a condition; channels are reversed between steps."""

    def __init__(self, channels: int, condition: int, config: FlowConfig) -> None:
        super().__init__()
        self.norms = nn.ModuleList(ActNorm(channels) for _ in range(config.steps))
        self.couplings = nn.ModuleList(
            AffineCoupling(channels, condition, config) for _ in range(config.steps)
        )

    def forward(self, z_BDF: Tensor, condition_BHF: Tensor) -> tuple[Tensor, Tensor]:
        """Latents to noise and the log-determinant of every frame: (B, D, F), (B, F)."""
        total = z_BDF.new_zeros(z_BDF.shape[0], z_BDF.shape[2])
        for norm, coupling in zip(self.norms, self.couplings, strict=True):
            z_BDF, scale = norm(z_BDF)
            z_BDF, change_BF = coupling(z_BDF, condition_BHF)
            z_BDF, total = z_BDF.flip(1), total + change_BF + scale
        return z_BDF, total

    def inverse(self, u_BDF: Tensor, condition_BHF: Tensor) -> Tensor:
        """Noise to latents."""
        for norm, coupling in reversed(self._steps()):
            u_BDF = norm.inverse(coupling.inverse(u_BDF.flip(1), condition_BHF))
        return u_BDF

    def stream_inverse(
        self, u_BDF: Tensor, condition_BHF: Tensor, state: FlowState | None, *, last: bool
    ) -> tuple[Tensor, FlowState]:
        """Feed noise and condition in pieces; the output lags until `last`."""
        couplings, conditions = [], []
        for index, (norm, coupling) in enumerate(reversed(self._steps())):
            known = None if state is None else state.couplings[index]
            u_BDF, new = coupling.stream_inverse(u_BDF.flip(1), condition_BHF, known, last=last)
            u_BDF = norm.inverse(u_BDF)
            waiting = None if state is None else state.conditions[index]
            condition_BHF, held = delay(condition_BHF, waiting, u_BDF.shape[2])
            couplings.append(new)
            conditions.append(held)
        return u_BDF, FlowState(tuple(couplings), tuple(conditions))

    def _steps(self) -> list[tuple[ActNorm, AffineCoupling]]:
        pairs = zip(self.norms, self.couplings, strict=True)
        return cast("list[tuple[ActNorm, AffineCoupling]]", list(pairs))
