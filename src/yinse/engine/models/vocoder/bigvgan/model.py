"""BigVGAN generator (Lee et al. 2023) with SnakeBeta activations between 2x up- and downsampling.

Legend: B batch, M mel bands, C channels, T frames, N samples, K filter taps.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.layers.published.weight_norm import normed
from yinse.engine.models.layers.published.windowed import WindowState, stream_windowed

TAPS, CUTOFF, HALF_WIDTH = 12, 0.25, 0.3
SNAKE_REACH = TAPS // 2
"""Frames that an activation sees on either side."""


def kaiser_sinc(cutoff: float, half_width: float, taps: int) -> Tensor:
    """Low-pass FIR of an even number of taps (Kaiser 1974), unit gain at zero: (1, 1, K)."""
    half = taps // 2
    attenuation = 2.285 * (half - 1) * math.pi * 4 * half_width + 7.95
    if attenuation > 50.0:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation >= 21.0:
        beta = 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21.0)
    else:
        beta = 0.0
    window = torch.kaiser_window(taps, periodic=False, beta=beta, device="cpu")
    time = torch.arange(-half, half, device="cpu") + 0.5
    response = 2 * cutoff * window * torch.sinc(2 * cutoff * time)
    return (response / response.sum())[None, None]


class AntialiasedSnake(nn.Module):
    """x + sin^2(a x) / b at twice the rate, so that its harmonics do not fold: (B, C, T) -> (B, C, T).

    `alpha` and `beta` are logarithms of a and b, one per channel (Ziyin et al. 2020).
    """

    up_filter: Tensor
    down_filter: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))
        self.register_buffer("up_filter", kaiser_sinc(CUTOFF, HALF_WIDTH, TAPS))
        self.register_buffer("down_filter", kaiser_sinc(CUTOFF, HALF_WIDTH, TAPS))

    def forward(self, x_BCT: Tensor) -> Tensor:
        """Activate."""
        fine = self._upsample(x_BCT)
        frequency, height = self.alpha.exp()[:, None], self.beta.exp()[:, None]
        fine = fine + (fine * frequency).sin().square() / (height + 1e-9)
        padded = F.pad(fine, (TAPS // 2 - 1, TAPS // 2), mode="replicate")
        return F.conv1d(padded, self._per_channel(self.down_filter, x_BCT), stride=2, groups=x_BCT.shape[1])

    def _upsample(self, x_BCT: Tensor) -> Tensor:
        padding = TAPS // 2 - 1
        padded = F.pad(x_BCT, (padding, padding), mode="replicate")
        weight = self._per_channel(self.up_filter, x_BCT)
        fine = 2 * F.conv_transpose1d(padded, weight, stride=2, groups=x_BCT.shape[1])
        cut = 2 * padding + (TAPS - 2) // 2
        return fine[..., cut:-cut]

    def _per_channel(self, response: Tensor, x_BCT: Tensor) -> Tensor:
        return response.to(x_BCT).expand(x_BCT.shape[1], -1, -1)


class AmpBlock(nn.Module):
    """Pairs of a dilated and a plain convolution, each after an activation, each pair added back."""

    def __init__(self, channels: int, kernel: int, dilations: Sequence[int], *, weight_norm: bool) -> None:
        super().__init__()
        convolutions = (kernel - 1) // 2 * (sum(dilations) + len(dilations))
        self.reach = convolutions + 2 * len(dilations) * SNAKE_REACH
        """Frames that an output sees on either side."""

        def conv(dilation: int) -> nn.Conv1d:
            padding = (kernel - 1) // 2 * dilation
            layer = nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=padding)
            return normed(layer, weight_norm)

        self.before_dilated = nn.ModuleList(AntialiasedSnake(channels) for _ in dilations)
        self.dilated = nn.ModuleList(conv(dilation) for dilation in dilations)
        self.before_plain = nn.ModuleList(AntialiasedSnake(channels) for _ in dilations)
        self.plain = nn.ModuleList(conv(1) for _ in dilations)

    def forward(self, x_BCT: Tensor) -> Tensor:
        """Refine: (B, C, T) -> (B, C, T)."""
        layers = zip(self.before_dilated, self.dilated, self.before_plain, self.plain, strict=True)
        for before_dilated, dilated, before_plain, plain in layers:
            x_BCT = x_BCT + plain(before_plain(dilated(before_dilated(x_BCT))))
        return x_BCT


class AmpStage(nn.Module):
    """Upsample, then the mean of blocks: (B, C, T) -> (B, C / 2, T * rate)."""

    def __init__(self, upsample: nn.ConvTranspose1d, blocks: Sequence[AmpBlock]) -> None:
        super().__init__()
        self.upsample = upsample
        self.blocks = nn.ModuleList(blocks)
        self.rate = int(upsample.stride[0])
        """Output frames per input frame."""
        self.reach = (upsample.kernel_size[0] / 2 + max(block.reach for block in blocks)) / self.rate
        """Input frames that an output sees on either side."""

    def forward(self, x_BCT: Tensor) -> Tensor:
        """One stage."""
        x_BCT = self.upsample(x_BCT)
        total: Tensor = self.blocks[0](x_BCT)
        for block in self.blocks[1:]:
            total = total + block(x_BCT)
        return total / len(self.blocks)


class BigvganGenerator(nn.Module):
    """Log mel to samples in -1..1: (B, M, T) -> (B, 1, T * hop)."""

    def __init__(
        self, enter: nn.Conv1d, stages: Sequence[AmpStage], activation: AntialiasedSnake, leave: nn.Conv1d
    ) -> None:
        super().__init__()
        self.enter = enter
        self.stages = nn.ModuleList(stages)
        self.activation = activation
        self.leave = leave
        self.hop = math.prod(stage.rate for stage in stages)
        self.reach = _reach(stages)
        """Mel frames that a sample depends on, on either side."""

    def forward(self, mel_BMT: Tensor) -> Tensor:
        """Whole sequence."""
        return self.unlimited(mel_BMT).clamp(-1.0, 1.0)

    def stream(self, mel_BMT: Tensor, state: WindowState | None, *, last: bool) -> tuple[Tensor, WindowState]:
        """Feed a piece; samples lag `reach` frames behind until `last`. Concatenated they equal `forward`."""
        return stream_windowed(self.between, mel_BMT, state, reach=self.reach, last=last)

    def between(self, mel_BMT: Tensor, first: int, last: int) -> Tensor:
        """The samples that `forward` gives for the frames `first` to `last`: (B, 1, (last - first) * hop)."""
        samples: Tensor = self(mel_BMT)
        return samples[:, :, first * self.hop : last * self.hop]

    def unlimited(self, mel_BMT: Tensor) -> Tensor:
        """Samples before they are limited to -1..1."""
        x_BCT = self.enter(mel_BMT)
        for stage in self.stages:
            x_BCT = stage(x_BCT)
        samples: Tensor = self.leave(self.activation(x_BCT))
        return samples


def _reach(stages: Sequence[AmpStage]) -> int:
    frames, scale = 3.0, 1
    for stage in stages:
        frames += stage.reach / scale
        scale *= stage.rate
    return math.ceil(frames + (3 + SNAKE_REACH) / scale) + 1
