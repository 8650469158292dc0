"""Recipes of fine-tuning: strict YAML; what is left out is what the published tools do."""

from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import Field

from yinse.contracts.errors import InvalidInput
from yinse.training.recipe import Section, parse

Version = Literal["v1", "v2", "v2Pro", "v2ProPlus", "v3", "v4"]
BY_FLOW: Final = ("v3", "v4")


class Rules(Section):
    """What the published training gets wrong, and whether to do it too."""

    loss_over_padding: bool = Field(default=False, description="s1: sum the loss over padded positions")
    mask_from_left: bool = Field(default=False, description="s1: hide the wrong side of shorter texts")


FIXED: Final = Rules()
PUBLISHED: Final = Rules(loss_over_padding=True, mask_from_left=True)


class Amount(Section):
    """How much and how fast."""

    epochs: int = Field(ge=1)
    save_every: int = Field(ge=1, description="epochs between exported files; the last is always exported")
    batch: int = Field(ge=1, description="utterances a step at most")
    learning_rate: float = Field(gt=0)


AMOUNTS: Final = {
    "s1": Amount(epochs=15, save_every=5, batch=8, learning_rate=0.002),
    "s2": Amount(epochs=8, save_every=4, batch=8, learning_rate=1e-4),
    "lora": Amount(epochs=2, save_every=1, batch=4, learning_rate=1e-4),
}
"""The published defaults; the batch there is the card's memory in GB halved (for adapters, an eighth)."""


class FineTune(Section):
    """One fine-tuning run."""

    part: Literal["s1", "s2", "lora"]
    version: Version
    base: Path | None = Field(
        default=None, description="official file that the run begins from; the pulled one if left out"
    )
    tokenizer: Path | None = Field(
        default=None, description="s1: official s2G file, whose tokens s1 learns to speak; the pulled one"
    )
    discriminator: Path | Literal["fresh"] | None = Field(
        default=None, description="s2: official s2D file, or `fresh`; the pulled one if left out"
    )
    data: Path = Field(description="`.list` file, or a folder of recordings with texts")
    language: Literal["zh", "en", "ja"] | None = Field(default=None, description="of a folder of recordings")
    name: str = Field(default="voice", pattern=r"^[\w.-]+$")
    defects: Literal["fixed", "published"] = Field(
        default="fixed", description="`published` repeats the known defects of the published training"
    )
    amount: Amount | None = None
    text_rate: float = Field(default=0.4, gt=0, le=1, description="s2: share of the rate for what reads text")
    rank: int = Field(default=32, ge=1, le=1024, description="lora: rank of the adapters")
    seed: int = 1234
    device: str = "cpu"
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"

    @property
    def rules(self) -> Rules:
        """The published defects, or none."""
        return PUBLISHED if self.defects == "published" else FIXED

    @property
    def amounts(self) -> Amount:
        """What is asked for, or the published amounts of the part."""
        return self.amount or AMOUNTS[self.part]


def load_recipe(path: Path) -> FineTune:
    """Parse a recipe. Raises `NotFound`; `InvalidInput` with the place and the reason."""
    recipe = parse(FineTune, path)
    if recipe.part != "s1" and (recipe.part == "lora") != (recipe.version in BY_FLOW):
        raise InvalidInput(f"{path}: s2 of v3 and v4 is trained as lora, s2 of the others as s2")
    return recipe


def is_fine_tune(path: Path) -> bool:
    """Whether a recipe is one of these; what cannot be read is not."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return isinstance(content, dict) and str(content.get("part")) in AMOUNTS
