"""Build a generator from its configuration."""

from torch import nn

from yinse.engine.models.layers.published.weight_norm import normed
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator, ResidualBlock, Stage


def build(config: HifiganConfig, *, weight_norm: bool = False) -> HifiganGenerator:
    """A generator with fresh weights; weight normalisation is for training, fold it away for inference."""
    return HifiganGenerator(
        nn.Conv1d(config.inputs, config.channels, 7, padding=3),
        [_stage(config, index, weight_norm) for index in range(len(config.rates))],
        nn.Conv1d(config.channels >> len(config.rates), 1, 7, padding=3, bias=config.output_bias),
        condition=nn.Conv1d(config.condition, config.channels, 1) if config.condition else None,
        final_slope=config.final_slope,
    )


def _stage(config: HifiganConfig, index: int, weight_norm: bool) -> Stage:
    channels = config.channels >> (index + 1)
    rate, kernel = config.rates[index], config.kernels[index]
    upsample = nn.ConvTranspose1d(2 * channels, channels, kernel, rate, padding=(kernel - rate) // 2)
    blocks = [
        ResidualBlock(channels, size, config.dilations, slope=config.slope, weight_norm=weight_norm)
        for size in config.block_kernels
    ]
    return Stage(normed(upsample, weight_norm), blocks, slope=config.slope)
