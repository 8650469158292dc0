"""Build ERes2NetV2 from its configuration."""

from torch import nn

from yinse.engine.models.speaker.eres2netv2.config import Eres2NetV2Config
from yinse.engine.models.speaker.eres2netv2.model import AttentionalFusion, Eres2NetV2, HierarchicalBlock


def build(config: Eres2NetV2Config) -> Eres2NetV2:
    """A network with fresh weights."""
    outputs = config.channels * config.expansion
    return Eres2NetV2(
        stem=nn.Conv2d(1, config.channels, 3, padding=1, bias=False),
        stem_norm=nn.BatchNorm2d(config.channels),
        stages=[_stage(config, index) for index in range(4)],
        downsample=nn.Conv2d(4 * outputs, 8 * outputs, 3, stride=2, padding=1, bias=False),
        fusion=AttentionalFusion(8 * outputs),
        head=nn.Linear(2 * config.vector, config.embedding),
    )


def _stage(config: Eres2NetV2Config, index: int) -> nn.Sequential:
    planes = config.channels << index
    width, outputs = planes * config.base_width // 64, planes * config.expansion
    inputs = config.channels if index == 0 else outputs // 2
    blocks = []
    for position in range(config.blocks[index]):
        fusions = [AttentionalFusion(width) for _ in range(config.scale - 1)] if index >= 2 else []
        blocks.append(
            HierarchicalBlock(
                inputs if position == 0 else outputs,
                width,
                outputs,
                scale=config.scale,
                stride=2 if index and position == 0 else 1,
                fusions=fusions,
            )
        )
    return nn.Sequential(*blocks)
