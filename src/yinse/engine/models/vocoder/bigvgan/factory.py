"""Build BigVGAN from its configuration."""

from torch import nn

from yinse.engine.models.layers.published.weight_norm import normed
from yinse.engine.models.vocoder.bigvgan.config import BigvganConfig
from yinse.engine.models.vocoder.bigvgan.model import AmpBlock, AmpStage, AntialiasedSnake, BigvganGenerator


def build(config: BigvganConfig, *, weight_norm: bool = False) -> BigvganGenerator:
    """A generator with fresh weights; weight normalisation is for training."""
    last = config.channels >> len(config.rates)
    leave = nn.Conv1d(last, 1, 7, padding=3, bias=config.output_bias)
    return BigvganGenerator(
        normed(nn.Conv1d(config.inputs, config.channels, 7, padding=3), weight_norm),
        [_stage(config, index, weight_norm) for index in range(len(config.rates))],
        AntialiasedSnake(last),
        normed(leave, weight_norm),
    )


def _stage(config: BigvganConfig, index: int, weight_norm: bool) -> AmpStage:
    channels = config.channels >> (index + 1)
    rate, kernel = config.rates[index], config.kernels[index]
    upsample = nn.ConvTranspose1d(2 * channels, channels, kernel, rate, padding=(kernel - rate) // 2)
    blocks = [
        AmpBlock(channels, size, config.dilations, weight_norm=weight_norm) for size in config.block_kernels
    ]
    return AmpStage(normed(upsample, weight_norm), blocks)
