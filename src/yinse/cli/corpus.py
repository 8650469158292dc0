"""`yinse corpus`: recordings to a store that training reads."""

from pathlib import Path

import click


@click.group()
def corpus() -> None:
    """Build and annotate a training corpus."""


@corpus.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/corpus"), show_default=True)
@click.option(
    "--japanese/--no-japanese",
    default=True,
    show_default=True,
    help="Add OpenJTalk readings of our sentences.",
)
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True)
def build(source: Path, out: Path, japanese: bool, processes: int) -> None:
    """Build a store from SOURCE: tars of recordings and their manifest.jsonl."""
    from yinse.corpus.build import build as build_store
    from yinse.corpus.japanese import append_japanese
    from yinse.corpus.phonemes import write_phonemes
    from yinse.corpus.store import CorpusStore

    click.echo(f"{build_store(source, out, processes=processes)} utterances decoded")
    if japanese:
        click.echo(f"{append_japanese(out)} Japanese readings synthesised")
    written, failed = write_phonemes(out)
    click.echo(f"{written} transcripts phonemised, {failed} could not be read")
    CorpusStore(out).pitch_frames()


@corpus.command()
@click.option("--store", type=click.Path(path_type=Path), default=Path("runs/corpus"), show_default=True)
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True)
def align(store: Path, processes: int) -> None:
    """Find when each phoneme is spoken, by monophone models from a flat start; the content part needs it."""
    from yinse.corpus.align import align_store

    click.echo(f"{100 * align_store(store, processes=processes):.1f} % of the utterances are aligned")


@corpus.command()
@click.option("--store", type=click.Path(path_type=Path), default=Path("runs/corpus"), show_default=True)
@click.option("--content", type=click.Path(path_type=Path), default=Path("runs/content"), show_default=True)
@click.option("--speaker", type=click.Path(path_type=Path), default=Path("runs/speaker"), show_default=True)
def annotate(store: Path, content: Path, speaker: Path) -> None:
    """Add tokens, timelines and speaker embeddings by trained models; the acoustic and semantic parts need them."""
    from yinse.corpus.annotate import annotate_store

    share = annotate_store(store, content / "weights.safetensors", speaker / "weights.safetensors")
    click.echo(f"{100 * share:.1f} % of the utterances have a timeline")
