"""ECAPA-TDNN (Desplanques et al. 2020): mel frames to one unit vector a speaker.

The first layer halves the frame rate: 20 ms frames lose nothing for speakers and cost half.

Legend: B batch, M mel bands, F mel frames (100/s), C channels, T frames (50/s), E embedding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.speaker.ecapa.config import EcapaConfig

MEL_SCALE = 2.5


class TimeDelay(nn.Sequential):
    """Convolution, ReLU, batch normalisation."""

    def __init__(self, channels: int, out: int, kernel: int, *, dilation: int = 1, stride: int = 1) -> None:
        padding = (kernel - 1) // 2 * dilation
        conv = nn.Conv1d(channels, out, kernel, stride, padding, dilation)
        super().__init__(conv, nn.ReLU(), nn.BatchNorm1d(out))


class Res2Convolution(nn.Module):
    """Groups of channels, each convolved after adding the one before (Gao et al. 2019)."""

    def __init__(self, channels: int, scale: int, dilation: int) -> None:
        super().__init__()
        width = channels // scale
        self.scale = scale
        self.layers = nn.ModuleList(TimeDelay(width, width, 3, dilation=dilation) for _ in range(scale - 1))

    def forward(self, x_BCT: Tensor, mask_B1T: Tensor) -> Tensor:
        """(B, C, T) -> (B, C, T); what the mask leaves out stays zero, as if the recording ended there."""
        first, *rest = (x_BCT * mask_B1T).chunk(self.scale, 1)
        done, carried = [first], torch.zeros_like(first)
        for layer, part in zip(self.layers, rest, strict=True):
            carried = layer(part + carried) * mask_B1T
            done.append(carried)
        return torch.cat(done, 1)


class SqueezeRes2Block(nn.Module):
    """Pointwise, Res2 and pointwise convolution, weighed by squeeze-and-excitation, with a residual."""

    def __init__(self, config: EcapaConfig, dilation: int) -> None:
        super().__init__()
        width = config.channels
        self.body = nn.Sequential(
            TimeDelay(width, width, 1),
            Res2Convolution(width, config.scale, dilation),
            TimeDelay(width, width, 1),
        )
        self.excite = nn.Sequential(
            nn.Linear(width, config.squeeze), nn.ReLU(), nn.Linear(config.squeeze, width), nn.Sigmoid()
        )

    def forward(self, x_BCT: Tensor, mask_B1T: Tensor) -> Tensor:
        """(B, C, T) -> (B, C, T)."""
        enter, mix, leave = self.body
        y_BCT = leave(mix(enter(x_BCT), mask_B1T))
        mean_BC = (y_BCT * mask_B1T).sum(2) / mask_B1T.sum(2)
        weighed: Tensor = x_BCT + y_BCT * self.excite(mean_BC)[..., None]
        return weighed


class AttentivePooling(nn.Module):
    """Mean and deviation over time, every channel with its own attention (Okabe et al. 2018)."""

    def __init__(self, channels: int, bottleneck: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv1d(3 * channels, bottleneck, 1)
        self.score = nn.Conv1d(bottleneck, channels, 1)

    def forward(self, x_BCT: Tensor, mask_B1T: Tensor) -> Tensor:
        """(B, C, T) -> (B, 2 C)."""
        context = [
            _moment.expand_as(x_BCT) for _moment in _moments(x_BCT, mask_B1T / mask_B1T.sum(2, keepdim=True))
        ]
        scores = self.score(torch.tanh(self.squeeze(torch.cat([x_BCT, *context], 1))))
        weights = scores.masked_fill(mask_B1T == 0, float("-inf")).softmax(2)
        return torch.cat(_moments(x_BCT, weights), 1)[..., 0]


def _moments(x_BCT: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    mean = (x_BCT * weights).sum(2, keepdim=True)
    variance = ((x_BCT - mean).square() * weights).sum(2, keepdim=True)
    return mean, variance.clamp_min(1e-5).sqrt()


class EcapaTdnn(nn.Module):
    """Log-mel of `CONTENT_MEL` to unit speaker embeddings: (B, M, F) -> (B, E)."""

    def __init__(self, config: EcapaConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.stem = TimeDelay(config.bands, width, 5, stride=2)
        self.blocks = nn.ModuleList(SqueezeRes2Block(config, dilation) for dilation in config.dilations)
        self.gather = nn.Sequential(nn.Conv1d(len(config.dilations) * width, config.pooled, 1), nn.ReLU())
        self.pool = AttentivePooling(config.pooled, config.attention)
        self.pool_norm = nn.BatchNorm1d(2 * config.pooled)
        self.head = nn.Linear(2 * config.pooled, config.embedding)
        self.head_norm = nn.BatchNorm1d(config.embedding)

    def forward(self, mel_BMF: Tensor, lengths_B: Tensor) -> Tensor:
        """Embed; `lengths_B` counts mel frames, and frames beyond it are not looked at."""
        positions = torch.arange(mel_BMF.shape[2], device=mel_BMF.device)
        mask_B1F = (positions[None] < lengths_B[:, None])[:, None].to(mel_BMF)
        mean = (mel_BMF * mask_B1F).sum(2, keepdim=True) / mask_B1F.sum(2, keepdim=True)
        x_BCT = self.stem((mel_BMF - mean) * mask_B1F / MEL_SCALE)
        mask_B1T = mask_B1F[:, :, ::2]
        gathered = []
        for block in self.blocks:
            x_BCT = block(x_BCT, mask_B1T)
            gathered.append(x_BCT)
        pooled = self.pool(self.gather(torch.cat(gathered, 1)).float(), mask_B1T)
        embedding = self.head_norm(self.head(self.pool_norm(pooled)))
        return F.normalize(embedding.float(), dim=1)
