"""Published parameter names of ERes2NetV2 (a bare state)."""

from typing import Final

from yinse.engine.models.layers.published.renames import Renames, Rule, nested

_FUSION: Final[list[Rule]] = [
    ("local_att.0", "squeeze"),
    ("local_att.1", "squeeze_norm"),
    ("local_att.3", "expand"),
    ("local_att.4", "expand_norm"),
]

_BLOCK: Final[list[Rule]] = [
    ("conv1", "enter"),
    ("bn1", "enter_norm"),
    ("convs.*", "branches.*"),
    ("bns.*", "branch_norms.*"),
    *nested("fuse_models.*", "fusions.*", _FUSION),
    ("conv3", "leave"),
    ("bn3", "leave_norm"),
    ("shortcut.0", "shortcut.conv"),
    ("shortcut.1", "shortcut.norm"),
]

RENAMES: Final = Renames(
    [
        ("conv1", "stem"),
        ("bn1", "stem_norm"),
        ("layer3_ds", "downsample"),
        ("seg_1", "head"),
        *nested("fuse34", "fusion", _FUSION),
        *(rule for stage in range(4) for rule in nested(f"layer{stage + 1}.*", f"stages.{stage}.*", _BLOCK)),
    ]
)
