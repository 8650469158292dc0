"""`yinse release`: finished training runs to the weights that ship."""

from pathlib import Path
from typing import Literal

import click

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--runs", type=FOLDER, default=Path("runs"), show_default=True, help="Folder of the runs.")
@click.option("--recipes", type=FOLDER, default=Path("recipes"), show_default=True)
@click.option("--store", type=FOLDER, default=Path("runs/corpus"), show_default=True)
@click.option("--out", type=FOLDER, default=Path("weights"), show_default=True)
@click.option(
    "--prior",
    type=click.Choice(["diffusion", "flow"]),
    default="diffusion",
    show_default=True,
    help="Which prior speaks where a request names none: the better one in `make bench-voice`.",
)
@click.option(
    "--decoder-only", is_flag=True, help="Replace only the decoder of the weights that lie in --out."
)
def release(
    runs: Path, recipes: Path, store: Path, out: Path, prior: Literal["diffusion", "flow"], decoder_only: bool
) -> None:
    """Write the base voice: every part from its run, and the preset voices."""
    from yinse.training.release import release as write
    from yinse.training.release import release_decoder

    if decoder_only:
        manifest, voices = release_decoder(recipes, runs, out)
    else:
        manifest, voices = write(recipes, runs, store, out, prior)
    size = sum(path.stat().st_size for path in out.rglob("*.safetensors"))
    click.echo(f"{out}: revision {manifest.revision}, {size / 1e6:.1f} MB, voices {', '.join(voices)}")
