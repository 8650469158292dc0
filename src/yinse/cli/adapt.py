"""`yinse adapt`: fine-tune the base on an enrolled voice."""

import shlex
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from yinse.cli.train import interrupted_says, require_trainer
from yinse.contracts.enrolment import ADAPT_STEPS
from yinse.contracts.errors import AlreadyExists, CorruptFile, InvalidInput

if TYPE_CHECKING:
    from yinse.engine.voice.home import Voice, VoiceHome
    from yinse.training.adapt import AdaptOutcome

WORK_FOLDER = "adapting"
"""Checkpoints of an unfinished run, within the voice's own folder: they go when the voice goes."""


@click.command()
@click.argument("name")
@click.option(
    "--steps", type=click.IntRange(10), default=ADAPT_STEPS, show_default=True, help="Optimiser steps."
)
@click.option("--again", is_flag=True, help="Fine-tune afresh a voice that has been fine-tuned.")
def adapt(name: str, steps: int, again: bool) -> None:
    """Fine-tune on the recordings of the voice NAME; kept only if held-back speech improves. Resumes if interrupted."""
    from yinse.engine.voice.home import Voice, VoiceHome

    require_trainer()
    home = VoiceHome()
    voice = home.load(name)
    if home.adapter(name) is not None and not again:
        raise AlreadyExists(f"{name!r} has been fine-tuned already; pass --again to do it afresh")
    with interrupted_says(f"The run is saved: `yinse adapt {shlex.quote(name)}` continues it."):
        outcome = _run(home, voice, steps)
    shutil.rmtree(home.folder(name) / WORK_FOLDER, ignore_errors=True)
    if outcome.kept:
        home.update_card(Voice(replace(voice.card, adapted=True), voice.prompt))
    verdict = "is kept" if outcome.kept else "did not help, so the voice stays as it was"
    click.echo(
        f"{name}: fine-tuning of {outcome.steps} steps {verdict} "
        f"(loss on recordings held back: {outcome.before:.3f} before, {outcome.after:.3f} after)."
    )


def _run(home: "VoiceHome", voice: "Voice", steps: int) -> "AdaptOutcome":
    """Train with a progress bar; a run that was interrupted goes on where it was."""
    from yinse.engine.checkpoints.base import load_base
    from yinse.engine.voice.home import ADAPTER_FILE
    from yinse.serving.enrolment import prepare_all
    from yinse.training.adapt import adapt as fine_tune

    name = voice.card.name
    recordings = home.recordings(name)
    if not recordings:
        raise InvalidInput(
            f"the recordings of {name!r} are not here (presets have none), so it cannot be fine-tuned"
        )
    models = load_base()
    if voice.prompt.revision != models.revision:
        raise CorruptFile(f"{name!r} was made by other weights; enrol it again from its recording")
    slices, bandwidth = prepare_all(models, recordings)
    folder = home.folder(name)
    with click.progressbar(length=steps, label=f"Adapting {name}") as bar:
        return fine_tune(
            models, slices, bandwidth, folder / ADAPTER_FILE, folder / WORK_FOLDER, steps=steps,
            progress=lambda done: bar.update(done - bar.pos),
        )  # fmt: skip
