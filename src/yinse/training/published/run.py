"""From a recipe to published files: read the list, prepare, train."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published import checkpoint as checkpoints
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import table
from yinse.engine.voice.published.conditioning import Conditioning
from yinse.training.published.base import Base, load_base
from yinse.training.published.batches import (
    LONGEST_SECONDS,
    SHORTEST_SECONDS,
    Epochs,
    s1_epochs,
    s1_objection,
    s2_epochs,
    s2_objection,
)
from yinse.training.published.discriminators import (
    PERIODS,
    PRO_PERIODS,
    DiscriminatorConfig,
    Discriminators,
    load_published,
)
from yinse.training.published.items import SUFFIX, Item, load_item
from yinse.training.published.listing import Listing, read_folder, read_list
from yinse.training.published.loop import Plan, fine_tune
from yinse.training.published.lora import LoraTrainer
from yinse.training.published.prepare import Tools, prepare
from yinse.training.published.recipe import FineTune
from yinse.training.published.s1 import S1Trainer
from yinse.training.published.s2 import S2Trainer
from yinse.training.published.trainer import Trainer

PREPARED: Final = "prepared"
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What could be used of the data, and the files that were exported."""

    listing: Listing
    files: tuple[Path, ...]


def run(
    recipe: FineTune,
    conditioning: Conditioning,
    folder: Path,
    progress: Progress = lambda *_: None,
    *,
    frontend: TextFrontend | None = None,
    listed: Callable[[Listing], None] = lambda _: None,
) -> Outcome:
    """Prepare what is not prepared yet, then train or go on training, all in `folder`.

    `listed` is told which recordings can be used before the training, which may take hours, begins.
    """
    base = base_of(recipe)
    tools = Tools(
        frontend or TextFrontend(),
        table(base.part.identity.symbols),
        conditioning,
        tokenizer_of(recipe, base),
    )
    given = listing_of(recipe)
    prepared = prepare(
        given, tools, folder / PREPARED, lambda done: progress("prepare", done, len(given.lines))
    )
    listing, items = fitting(recipe, prepared, folder / PREPARED)
    listed(listing)
    batches = batches_of(recipe, items)
    plan = Plan(recipe.name, recipe.amounts.epochs, recipe.amounts.save_every, recipe.seed)
    files = fine_tune(
        trainer_of(recipe, base),
        batches,
        plan,
        folder,
        lambda done: progress("train", done, plan.epochs),
    )
    return Outcome(listing, tuple(files))


def base_of(recipe: FineTune) -> Base:
    """What the run begins from."""
    if recipe.base is None:
        raise InvalidInput("The recipe names no `base`, the official file that the run begins from.")
    base = load_base(recipe.base, Kind.S1 if recipe.part == "s1" else Kind.S2, recipe.version)
    base.require_trainable()
    return base


def listing_of(recipe: FineTune) -> Listing:
    """The list or the folder that a recipe names."""
    if not recipe.data.is_dir():
        return read_list(recipe.data)
    if recipe.language is None:
        raise InvalidInput("A folder of recordings needs `language: zh`, `en` or `ja` in the recipe.")
    return read_folder(recipe.data, recipe.language)


def tokenizer_of(recipe: FineTune, base: Base) -> ContentTokenizer:
    """The tokenizer of the official s2 file."""
    if recipe.part != "s1":
        return base.tokenizer()
    if recipe.tokenizer is None:
        raise InvalidInput("The recipe names no `tokenizer`, the official s2G file that s1 needs.")
    return load_base(recipe.tokenizer, Kind.S2, recipe.version).tokenizer()


def trainer_of(recipe: FineTune, base: Base) -> Trainer[Any]:
    """The trainer of the part that a recipe names."""
    rate, device, precision = recipe.amounts.learning_rate, recipe.device, recipe.precision
    if recipe.part == "s1":
        return S1Trainer(base, recipe.rules, learning_rate=rate, device=device, precision=precision)
    if recipe.part == "lora":
        return LoraTrainer(base, rank=recipe.rank, learning_rate=rate, device=device, precision=precision)
    judges = discriminators_of(recipe)
    return S2Trainer(
        base, judges, learning_rate=rate, text_rate=recipe.text_rate, device=device, precision=precision
    )


def discriminators_of(recipe: FineTune) -> Discriminators:
    """Those of the official s2D file, or fresh ones. Raises `InvalidInput` for a file of another version."""
    periods = PRO_PERIODS if recipe.version in ("v2Pro", "v2ProPlus") else PERIODS
    judges = Discriminators(DiscriminatorConfig(periods))
    if isinstance(recipe.discriminator, Path):
        try:
            load_published(judges, checkpoints.read_state(recipe.discriminator, "weight"))
        except (RuntimeError, KeyError) as error:
            message = f"'{recipe.discriminator.name}' holds no discriminators of {recipe.version}."
            raise InvalidInput(message, code="wrong_base") from error
    return judges


def fitting(recipe: FineTune, listing: Listing, prepared: Path) -> tuple[Listing, list[Item]]:
    """The lines that the recipe's part can learn from, and their items; why it cannot learn from others joins the problems."""
    objection = s1_objection if recipe.part == "s1" else s2_objection
    items: list[Item] = []
    reasons: dict[int, str] = {}
    for line in listing.lines:
        item = load_item(prepared / (line.name + SUFFIX))
        if reason := objection(item):
            reasons[line.number] = reason
        else:
            items.append(item)
    return listing.without(reasons), items


def batches_of(recipe: FineTune, items: Sequence[Item]) -> Epochs[Any]:
    """Batches of what can be learnt from. Raises `InvalidInput` where there is nothing."""
    if not items:
        raise InvalidInput(
            f"No recording can be learnt from: they must last {SHORTEST_SECONDS} to {LONGEST_SECONDS} s, with 3 to 25 "
            "phonemes a second. Do texts and recordings belong together?",
            code="nothing_to_learn",
        )
    make = s1_epochs if recipe.part == "s1" else s2_epochs
    return make(items, recipe.amounts.batch, recipe.seed)
