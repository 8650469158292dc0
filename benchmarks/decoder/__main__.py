"""`python -m benchmarks.decoder`: train both decoders for the same minutes and print their figures side by side."""

from pathlib import Path

import click

from benchmarks.decoder.contest import contest, floor, strangers, to_markdown
from benchmarks.voice.machine import this_machine
from yinse.corpus.store import CorpusStore

FOLDER = click.Path(path_type=Path)
RECIPES = (Path("recipes/codec.yaml"), Path("recipes/codec_hifigan.yaml"))


@click.command()
@click.argument("recipes", nargs=-1, type=FOLDER)
@click.option("--store", type=FOLDER, default=Path("runs/corpus"), show_default=True)
@click.option("--out", type=FOLDER, default=Path("runs/decoders"), show_default=True)
@click.option("--minutes", type=float, default=20.0, show_default=True, help="Training time of each.")
@click.option("--steps", type=int, help="Optimiser steps of each instead of minutes.")
@click.option("--utterances", type=int, default=40, show_default=True, help="Recordings that are copied.")
def main(
    recipes: tuple[Path, ...], store: Path, out: Path, minutes: float, steps: int | None, utterances: int
) -> None:
    """Train the codecs of RECIPES one after the other, copy strangers' speech, and compare."""
    limit = {"minutes": None if steps else minutes, "steps": steps}
    results = list(contest(recipes or RECIPES, store, out, **limit, count=utterances))  # type: ignore[arg-type]
    results.append(floor(strangers(CorpusStore(store), utterances)))
    spent = f"{steps} steps" if steps else f"{minutes:g} minutes"
    heading = f"{spent} of training each, {utterances} recordings of held-out speakers. {this_machine()}"
    table = to_markdown(results, heading)
    (out / "decoders.md").write_text(table, "utf-8")
    click.echo(table)


if __name__ == "__main__":
    main()
