"""Published parameter names of s2 of v3 and v4, and of the adapters in their LoRA files."""

from typing import Final

from yinse.engine.models.acoustic.s2.legacy import COMMON, WAVENET
from yinse.engine.models.layers.published.renames import Renames, Rule, nested

FLOW: Final = "cfm."
"""What the published names of the flow begin with: nine tenths of a full file."""

_BLOCK: Final[list[Rule]] = [
    ("attn_norm.linear", "modulation"),
    ("attn.to_q", "attention.query"),
    ("attn.to_k", "attention.key"),
    ("attn.to_v", "attention.value"),
    ("attn.to_out.0", "attention.output"),
    ("ff.ff.0.0", "expand"),
    ("ff.ff.2", "project"),
]

_DIT: Final[list[Rule]] = [
    ("time_embed.time_mlp.0", "time.enter"),
    ("time_embed.time_mlp.2", "time.leave"),
    ("d_embed.time_mlp.0", "step.enter"),
    ("d_embed.time_mlp.2", "step.leave"),
    ("text_embed.text_blocks.*.dwconv", "condition.blocks.*.depthwise"),
    ("text_embed.text_blocks.*.norm", "condition.blocks.*.norm"),
    ("text_embed.text_blocks.*.pwconv1", "condition.blocks.*.expand"),
    ("text_embed.text_blocks.*.grn", "condition.blocks.*.response"),
    ("text_embed.text_blocks.*.pwconv2", "condition.blocks.*.project"),
    ("input_embed.proj", "enter"),
    ("input_embed.conv_pos_embed.conv1d.0", "position.first"),
    ("input_embed.conv_pos_embed.conv1d.2", "position.second"),
    ("rotary_embed.inv_freq", "rotary.frequencies"),
    ("norm_out.linear", "leave_modulation"),
    ("proj_out", "leave"),
    *nested("transformer_blocks.*", "blocks.*", _BLOCK),
]

_SMOOTHER: Final[list[Rule]] = [("pre", "enter"), ("proj", "leave"), *nested("enc", "network", WAVENET)]

RENAMES: Final = Renames(
    [
        *COMMON,
        ("bridge.0", "bridge"),
        ("linear_mel", "mel_head"),
        *nested("wns1", "smoother", _SMOOTHER),
        *nested("cfm.estimator", "dit", _DIT),
    ]
)
"""A full v3 or v4 file."""

_ADAPTER: Final[list[Rule]] = [
    (f"attn.{theirs}.{matrix}.default.weight", f"attention.{ours}.{name}")
    for theirs, ours in (("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "output"))
    for matrix, name in (("lora_A", "down"), ("lora_B", "up"))
]

LORA_RENAMES: Final = Renames(
    [
        *COMMON,
        ("bridge.0", "bridge"),
        ("linear_mel", "mel_head"),
        *nested("wns1", "smoother", _SMOOTHER),
        ("cfm.base_model.model.estimator.rotary_embed.inv_freq", "dit.rotary.frequencies"),
        *nested("cfm.base_model.model.estimator.transformer_blocks.*", "dit.blocks.*", _ADAPTER),
    ]
)
"""A LoRA file: adapters of the attention, and full tensors of the parts that were trained beside them."""
