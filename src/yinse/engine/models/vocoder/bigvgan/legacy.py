"""Published parameter names of BigVGAN (`generator` of a `bigvgan_generator.pt`)."""

from typing import Final

from yinse.engine.models.layers.published.renames import Renames, Rule, nested
from yinse.engine.models.vocoder.bigvgan.config import BigvganConfig

_ACTIVATION: Final[list[Rule]] = [
    ("act.alpha", "alpha"),
    ("act.beta", "beta"),
    ("upsample.filter", "up_filter"),
    ("downsample.lowpass.filter", "down_filter"),
]


def renames(config: BigvganConfig) -> Renames:
    """The table. Published blocks are counted across stages, their activations alternate between two uses."""
    table: list[Rule] = [
        ("conv_pre", "enter"),
        ("conv_post", "leave"),
        ("ups.*.0", "stages.*.upsample"),
        *nested("activation_post", "activation", _ACTIVATION),
    ]
    per_stage = len(config.block_kernels)
    for index in range(len(config.rates) * per_stage):
        stage, block = divmod(index, per_stage)
        table += nested(f"resblocks.{index}", f"stages.{stage}.blocks.{block}", _block(len(config.dilations)))
    return Renames(table)


def _block(pairs: int) -> list[Rule]:
    rules: list[Rule] = [("convs1.*", "dilated.*"), ("convs2.*", "plain.*")]
    for pair in range(pairs):
        rules += nested(f"activations.{2 * pair}", f"before_dilated.{pair}", _ACTIVATION)
        rules += nested(f"activations.{2 * pair + 1}", f"before_plain.{pair}", _ACTIVATION)
    return rules
