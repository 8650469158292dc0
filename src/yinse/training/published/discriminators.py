"""Who tells real speech from made: one discriminator on samples, one on every period (Kong et al. 2020, HiFi-GAN).

Legend: B batch, N samples, C channels, T frames, P period.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.published.renames import Renames
from yinse.engine.models.layers.published.weight_norm import normed

SLOPE: Final = 0.1
PERIODS: Final = (2, 3, 5, 7, 11)
PRO_PERIODS: Final = (*PERIODS, 17, 23)
RENAMES: Final = Renames(
    [
        ("discriminators.*.convs.*", "members.*.layers.*"),
        ("discriminators.*.conv_post", "members.*.leave"),
    ]
)
"""Published names of an s2D file."""


@dataclass(frozen=True, slots=True)
class DiscriminatorConfig:
    """Sizes; `width` scales all channels."""

    periods: tuple[int, ...] = PERIODS
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """Scores of one discriminator, and what its layers saw on the way."""

    scores_BK: Tensor
    seen: tuple[Tensor, ...]


class SampleDiscriminator(nn.Module):
    """Samples to scores: (B, 1, N) -> (B, K)."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        sizes = (
            (16, 15, 1, 1),
            (64, 41, 4, 4),
            (256, 41, 4, 16),
            (1024, 41, 4, 64),
            (1024, 41, 4, 256),
            (1024, 5, 1, 1),
        )
        self.layers = nn.ModuleList()
        before = 1
        for full, kernel, stride, groups in sizes:
            channels, fitting = max(4, int(full * width)), max(1, int(groups * width))
            layer = nn.Conv1d(before, channels, kernel, stride, kernel // 2, groups=fitting)
            self.layers.append(normed(layer, True))
            before = channels
        self.leave = normed(nn.Conv1d(before, 1, 3, padding=1), True)

    def forward(self, x_B1N: Tensor) -> Judgement:
        """Judge."""
        return _judge(self.layers, self.leave, x_B1N)


class PeriodDiscriminator(nn.Module):
    """Every P-th sample in a row to scores: (B, 1, N) -> (B, K)."""

    def __init__(self, period: int, width: float = 1.0) -> None:
        super().__init__()
        self.period = period
        self.layers = nn.ModuleList()
        before = 1
        for full, stride in ((32, 3), (128, 3), (512, 3), (1024, 3), (1024, 1)):
            channels = max(4, int(full * width))
            self.layers.append(normed(nn.Conv2d(before, channels, (5, 1), (stride, 1), (2, 0)), True))
            before = channels
        self.leave = normed(nn.Conv2d(before, 1, (3, 1), padding=(1, 0)), True)

    def forward(self, x_B1N: Tensor) -> Judgement:
        """Judge."""
        missing = -x_B1N.shape[2] % self.period
        padded = F.pad(x_B1N, (0, missing), mode="reflect")
        folded = padded.view(len(padded), 1, -1, self.period)
        return _judge(self.layers, self.leave, folded)


class Discriminators(nn.Module):
    """All of them."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        periods = [PeriodDiscriminator(period, config.width) for period in config.periods]
        self.members = nn.ModuleList([SampleDiscriminator(config.width), *periods])

    def forward(self, x_B1N: Tensor) -> list[Judgement]:
        """Judge."""
        return [member(x_B1N) for member in self.members]


def load_published(discriminators: Discriminators, state: Mapping[str, Tensor]) -> None:
    """Fill from the tensors of an s2D file; raises `RuntimeError` where they do not fit."""
    discriminators.load_state_dict({name: t.float() for name, t in RENAMES.import_(state).items()})


def _judge(layers: nn.ModuleList, leave: nn.Module, x: Tensor) -> Judgement:
    seen = []
    for layer in layers:
        x = F.leaky_relu(layer(x), SLOPE)
        seen.append(x)
    scores = leave(x)
    return Judgement(scores.flatten(1), (*seen, scores))


def discriminator_loss(real: list[Judgement], made: list[Judgement]) -> Tensor:
    """Least squares (Mao et al. 2017): real is one, made is zero."""
    terms = [
        (1 - a.scores_BK.float()).square().mean() + b.scores_BK.float().square().mean()
        for a, b in zip(real, made, strict=True)
    ]
    return torch.stack(terms).sum()


def adversarial_loss(made: list[Judgement]) -> Tensor:
    """Made wants to be taken for real."""
    return torch.stack([(1 - one.scores_BK.float()).square().mean() for one in made]).sum()


def feature_loss(real: list[Judgement], made: list[Judgement]) -> Tensor:
    """Twice the mean distance of what every layer saw (Kumar et al. 2019)."""
    terms = [
        (x.detach().float() - y.float()).abs().mean()
        for a, b in zip(real, made, strict=True)
        for x, y in zip(a.seen, b.seen, strict=True)
    ]
    return 2 * torch.stack(terms).sum()
