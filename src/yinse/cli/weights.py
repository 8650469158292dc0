"""`yinse weights`: import, export, pull, list and verify model weights."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yinse.contracts.errors import CorruptFile, NotFound, YinseError

if TYPE_CHECKING:
    from yinse.engine.checkpoints.published.bundle import Bundle
    from yinse.engine.voice.published.prompt import PublishedPrompt

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def weights() -> None:
    """Import, export, pull, list and verify model weights."""


@weights.command("import")
@click.argument("s1", type=FILE)
@click.argument("s2", type=FILE)
@click.option("--voice", "name", required=True, help="Name of the new voice.")
@click.option(
    "--reference",
    "references",
    type=FILE,
    multiple=True,
    help="Recording of the voice, best 3 to 10 s; give several to average their sound, the first is continued.",
)
@click.option("--prompt-text", default="", help="The words spoken in the (first) reference.")
@click.option("--prompt-language", default="auto", show_default=True, help="zh, en, ja or auto.")
@click.option("--version", default=None, help="Settles v3 or v4 where the file leaves it open.")
@click.option("--replace", is_flag=True, help="Replace a voice of this name.")
def import_(
    s1: Path, s2: Path, name: str, references: tuple[Path, ...], prompt_text: str, prompt_language: str,
    version: str | None, replace: bool,
) -> None:  # fmt: skip
    """Make a voice of a published pair: S1 (.ckpt) and S2 (.pth), in any order."""
    from yinse.engine.checkpoints.published.checkpoint import Kind
    from yinse.engine.checkpoints.published.convert import import_files
    from yinse.engine.voice.published.store import PublishedHome

    home = PublishedHome()
    home.home.target(name, replace=replace)
    bundle = import_files([s1, s2], version=version)
    prompt, seconds = None, 0.0
    if references:
        prompt, seconds = _listen(bundle, references, prompt_text, prompt_language)
    home.save(name, bundle, prompt, seconds, replace=replace)
    part = bundle.parts[Kind.S2].manifest
    kind = f"{part.version} LoRA" if part.lora else part.version
    reference = (
        f"reference: {prompt.reference}"
        if prompt
        else f"no reference yet: yinse weights reference RECORDING --voice {name}"
    )
    click.echo(f"{name} is imported ({kind}, {part.info or 'untold progress'}); {reference}.")


@weights.command()
@click.argument("recordings", type=FILE, nargs=-1, required=True)
@click.option("--voice", "name", required=True, help="Name of an imported voice.")
@click.option("--prompt-text", default="", help="The words spoken in the first recording.")
@click.option("--prompt-language", default="auto", show_default=True, help="zh, en, ja or auto.")
def reference(recordings: tuple[Path, ...], name: str, prompt_text: str, prompt_language: str) -> None:
    """Give an imported voice its reference: RECORDINGS of 3 to 10 s, the first of which is continued."""
    from yinse.engine.voice.published.store import PublishedHome

    home = PublishedHome()
    prompt, seconds = _listen(home.bundle(name), recordings, prompt_text, prompt_language)
    home.give_reference(name, prompt, seconds)
    click.echo(f"{name} now speaks from {prompt.reference}.")


@weights.command()
@click.argument("name")
@click.option("--out", type=FOLDER, required=True, help="Folder for NAME.ckpt and NAME.pth.")
def export(name: str, out: Path) -> None:
    """Write an imported voice back as a published pair."""
    from yinse.engine.checkpoints.published.convert import export_files
    from yinse.engine.voice.published.store import PublishedHome

    for path in export_files(PublishedHome().bundle(name), out, name):
        click.echo(str(path))


@weights.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_weights(as_json: bool) -> None:
    """List the base voice, the imported voices and the families that were pulled, with what is missing."""
    from yinse.cli.weights_report import inventory

    found = inventory()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for row in found:
        click.echo(f"{row['kind']:8} {row['name']:24} {row['state']}")


@weights.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Compare files with their digests: all that is here, or NAMES of voices and families, or `base`."""
    from yinse.cli.weights_report import BASE, checks

    available = checks()
    unknown = [name for name in names if name not in available]
    if unknown:
        raise NotFound(
            f"There is nothing called {unknown[0]!r} here; there are: {', '.join(available) or 'none'}."
        )
    if not available:
        raise NotFound("There are no weights here: neither the base voice nor imported or pulled ones.")
    failed = []
    for name in names or available:
        try:
            available[name]()
        except YinseError as error:
            failed.append(name)
            click.echo(f"{name}: {error.message}", err=True)
        else:
            click.echo(f"{name}: whole{' (base voice)' if name == BASE else ''}")
    if failed:
        raise CorruptFile(f"Not whole: {', '.join(failed)}.")


@weights.command()
@click.argument("family")
@click.option(
    "--hub", type=click.Choice(["huggingface", "modelscope"]), default="huggingface", show_default=True
)
@click.option("--from", "folder", type=FOLDER, default=None, help="Take the files from this folder instead.")
def pull(family: str, hub: str, folder: Path | None) -> None:
    """Get published models: a version (v1 ... v4), or conditioning, hubert, roberta, eres2netv2, g2pw, bigvgan, vocoder-v4."""
    from yinse.cli.hub import HUBS, HubUnreachable, copy_family, download_family
    from yinse.engine.checkpoints.published.catalogue import families_of
    from yinse.engine.voice.published.store import library

    shared, wanted = library(), families_of(family)
    for one in wanted:
        if not shared.missing(one):
            click.echo(f"{one.name} is here already.")
            continue
        if folder is not None:
            copy_family(one, folder, shared)
        else:
            try:
                download_family(one, HUBS[hub](), shared)
            except HubUnreachable as error:
                absent = ", ".join(file for other in wanted for file in shared.missing(other))
                raise HubUnreachable(
                    f"{error.message.removesuffix('.')}; still missing: {absent}."
                ) from error
        click.echo(f"{one.name} is here: {one.purpose}.")


def _listen(
    bundle: "Bundle", recordings: tuple[Path, ...], transcript: str, language: str
) -> "tuple[PublishedPrompt, float]":
    """The prompt of a voice and the seconds of its recordings."""
    from yinse.engine.audio.decode import decode
    from yinse.engine.synthesis.published.load import frontend_of, models_of
    from yinse.engine.voice.published.conditioning import conditioning_in_turns
    from yinse.engine.voice.published.encode import VoiceEncoder, window_of
    from yinse.engine.voice.published.store import library

    first, *others = [decode(path) for path in recordings]
    window_of(first, transcript)
    shared = library()
    models = models_of(bundle, shared, speaking=False)
    conditioning = conditioning_in_turns(shared, speaker=models.wants_speaker)
    encoder = VoiceEncoder(models, conditioning, frontend_of(shared))
    prompt = encoder.encode(first, transcript, language=language, others=others)
    return prompt, sum(one.seconds for one in (first, *others))
