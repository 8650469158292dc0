"""Published parameter names of the generator, alone (the v4 vocoder) and inside s2 (`dec`)."""

from yinse.engine.models.layers.published.renames import Renames, Rule
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig


def rules(config: HifiganConfig) -> list[Rule]:
    """The table. Published residual blocks are counted across stages, ours within their stage."""
    table = [
        ("conv_pre", "enter"),
        ("conv_post", "leave"),
        ("cond", "condition"),
        ("ups.*", "stages.*.upsample"),
    ]
    per_stage = len(config.block_kernels)
    for index in range(len(config.rates) * per_stage):
        stage, block = divmod(index, per_stage)
        ours = f"stages.{stage}.blocks.{block}"
        table.append((f"resblocks.{index}.convs1.*", f"{ours}.dilated.*"))
        table.append((f"resblocks.{index}.convs2.*", f"{ours}.plain.*"))
    return table


def renames(config: HifiganConfig) -> Renames:
    """The table of a file that holds the generator alone."""
    return Renames(rules(config))
