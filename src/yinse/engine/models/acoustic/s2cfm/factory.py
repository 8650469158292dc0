"""Build s2 of v3 and v4 from its configuration."""

from torch import nn

from yinse.engine.models.acoustic.s2.factory import content_encoder
from yinse.engine.models.acoustic.s2cfm.config import DitConfig, S2CfmConfig
from yinse.engine.models.acoustic.s2cfm.dit import (
    ConditionEmbedding,
    Dit,
    DitBlock,
    PositionConv,
    Rotary,
    ScalarEmbedding,
)
from yinse.engine.models.acoustic.s2cfm.model import S2CfmModel, Smoother
from yinse.engine.models.layers.published.style import StyleEncoder
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.engine.models.layers.published.wavenet import WaveNet


def build(config: S2CfmConfig, *, weight_norm: bool = False) -> S2CfmModel:
    """A model with fresh weights; weight normalisation is for training."""
    network = WaveNet(
        config.features,
        config.kernel,
        config.smoother_depth,
        condition=config.style,
        weight_norm=weight_norm,
    )
    return S2CfmModel(
        tokenizer=ContentTokenizer(config.encoder.content_channels, config.codes),
        style=StyleEncoder(config.reference_bins, config.style, dropout=config.style_dropout),
        encoder=content_encoder(config.encoder),
        bridge=nn.Conv1d(config.encoder.channels, config.features, 1),
        smoother=Smoother(config.features, network),
        mel_head=nn.Conv1d(config.features, config.dit.bands, 1),
        dit=build_dit(config.dit),
        stretch=config.stretch,
    )


def build_dit(config: DitConfig) -> Dit:
    """The diffusion transformer alone."""
    width = config.width
    return Dit(
        time=ScalarEmbedding(config.time_channels, width),
        step=ScalarEmbedding(config.time_channels, width),
        condition=ConditionEmbedding(
            config.condition, config.condition_hidden, config.condition_layers, config.positions
        ),
        enter=nn.Linear(2 * config.bands + config.condition, width),
        position=PositionConv(width, config.position_kernel, config.position_groups),
        rotary=Rotary(config.rotary),
        blocks=[DitBlock(width, config.heads, config.hidden) for _ in range(config.depth)],
        leave_modulation=nn.Linear(width, 2 * width),
        leave=nn.Linear(width, config.bands),
    )
