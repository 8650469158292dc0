"""`yinse train`: run or resume a recipe."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click

from yinse.cli.main import CommandMissing
from yinse.contracts.errors import InvalidInput


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run; default runs/<recipe name>.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop after this long; the run stays resumable.",
)
@click.option("--steps", type=click.IntRange(1), help="Stop at this many optimiser steps in all.")
def train(recipe: Path, out: Path | None, minutes: float | None, steps: int | None) -> None:
    """Train the part that RECIPE names; an interrupted run continues where it was."""
    from yinse.training.published.recipe import is_fine_tune

    if is_fine_tune(recipe):
        if minutes is not None or steps is not None:
            raise InvalidInput("Fine-tuning of published voices counts epochs: set `amount` in the recipe.")
        _fine_tune(recipe, out or Path("runs") / recipe.stem)
        return
    require_trainer()
    from yinse.training.loop import train as run
    from yinse.training.recipe import load_recipe
    from yinse.training.registry import assemble

    settings = load_recipe(recipe)
    overrides = {key: value for key, value in (("minutes", minutes), ("steps", steps)) if value is not None}
    settings = settings.model_copy(update={"run": settings.run.model_copy(update=overrides)})
    folder = out or Path("runs") / recipe.stem
    with interrupted_says(f"What was trained is saved in {folder}; the same command continues it."):
        run(assemble(settings), settings, folder)
    click.echo(f"{folder}: weights.safetensors is written; run the same command to continue")


def _fine_tune(path: Path, folder: Path) -> None:
    """Train s1, s2 or an adapter of a published voice from a list; what cannot be used is told line by line."""
    from yinse.engine.synthesis.published.load import frontend_of
    from yinse.engine.voice.published.store import library
    from yinse.training.published.official import conditioning_for, with_official_files
    from yinse.training.published.recipe import load_recipe
    from yinse.training.published.run import run

    shared = library()
    recipe = with_official_files(load_recipe(path), shared)
    with interrupted_says(f"Every whole epoch is kept in {folder}; the same command goes on."):
        outcome = run(
            recipe,
            conditioning_for(recipe, shared),
            folder,
            _tell,
            frontend=frontend_of(shared),
            listed=lambda listing: click.echo(listing.report(), err=True),
        )
    for file in outcome.files:
        click.echo(str(file))
    if not outcome.files:
        click.echo(f"{folder}: all {recipe.amounts.epochs} epochs were done already.", err=True)
    click.echo("Speak with it: yinse weights import S1.ckpt S2.pth --voice NAME", err=True)


def _tell(doing: str, done: int, total: int) -> None:
    unit = {"prepare": "recordings prepared", "train": "epochs trained"}[doing]
    click.echo(f"{done} of {total} {unit}", err=True)


def require_trainer() -> None:
    """Raise in the user's words where the packages for training are not installed."""
    if find_spec("lightning") is None:
        raise CommandMissing(
            "Training and fine-tuning need more packages; install them where Yinse's source lies: "
            "pip install -e '.[train]' -c constraints.txt",
            code="trainer_missing",
        )


@contextmanager
def interrupted_says(message: str) -> Iterator[None]:
    """Tell whoever presses Ctrl-C what becomes of the work, then let the interrupt go on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"\n{message}", err=True)
        raise
