"""SoVITS: a condition encoder shared by two priors over the latents of the codec.

Legend: B batch, D latent channels, H condition channels, T token frames, F latent frames.
"""

import math
from dataclasses import dataclass

from torch import Tensor, nn

from yinse.engine.models.acoustic.sovits.condition import ConditionEncoder
from yinse.engine.models.acoustic.sovits.config import SovitsConfig
from yinse.engine.models.acoustic.sovits.diffusion import DiffusionPrior
from yinse.engine.models.acoustic.sovits.flow import Flow, FlowState

MIN_LOG_DEVIATION, MAX_LOG_DEVIATION = -5.0, 2.0


@dataclass(frozen=True, slots=True)
class PriorState:
    """Streaming state of the flow prior."""

    flow: FlowState


class FlowPrior(nn.Module):
    """A Gaussian given the condition, bent by a flow: the prior p(z | content, voice) of VITS."""

    def __init__(self, config: SovitsConfig) -> None:
        super().__init__()
        self.gaussian = nn.Linear(config.hidden_channels, 2 * config.inter_channels)
        self.flow = Flow(config.inter_channels, config.hidden_channels, config.flow)

    def log_probability(self, z_BDF: Tensor, condition_BHF: Tensor) -> Tensor:
        """Log-density of latents in nats a frame: (B, F)."""
        u_BDF, determinant_BF = self.flow(z_BDF, condition_BHF)
        mean, log_deviation = self._moments(condition_BHF)
        standard = (u_BDF - mean) * (-log_deviation).exp()
        density: Tensor = -0.5 * standard.square() - log_deviation - 0.5 * math.log(2 * math.pi)
        total: Tensor = density.sum(1) + determinant_BF
        return total

    def sample(self, noise_BDF: Tensor, condition_BHF: Tensor, *, temperature: float) -> Tensor:
        """Latents from standard normal noise."""
        return self.flow.inverse(self._draw(noise_BDF, condition_BHF, temperature), condition_BHF)

    def stream(
        self,
        noise_BDF: Tensor,
        condition_BHF: Tensor,
        state: PriorState | None,
        *,
        last: bool,
        temperature: float,
    ) -> tuple[Tensor, PriorState]:
        """Feed noise and condition in pieces; the output lags until `last`."""
        drawn = self._draw(noise_BDF, condition_BHF, temperature)
        known = None if state is None else state.flow
        out, flow = self.flow.stream_inverse(drawn, condition_BHF, known, last=last)
        return out, PriorState(flow)

    def _draw(self, noise_BDF: Tensor, condition_BHF: Tensor, temperature: float) -> Tensor:
        mean, log_deviation = self._moments(condition_BHF)
        return mean + noise_BDF * temperature * log_deviation.exp()

    def _moments(self, condition_BHF: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_deviation = self.gaussian(condition_BHF.transpose(1, 2)).float().transpose(1, 2).chunk(2, 1)
        return mean, log_deviation.clamp(MIN_LOG_DEVIATION, MAX_LOG_DEVIATION)


class Sovits(nn.Module):
    """Condition encoder, flow prior and, where configured, diffusion prior."""

    def __init__(self, config: SovitsConfig) -> None:
        super().__init__()
        self.config = config
        self.condition = ConditionEncoder(config)
        self.flow_prior = FlowPrior(config)
        self.diffusion_prior = (
            DiffusionPrior(config.inter_channels, config.hidden_channels, config.diffusion)
            if config.use_diffusion
            else None
        )
