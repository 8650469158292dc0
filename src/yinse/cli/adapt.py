"""`yinse adapt`: fine-tune the base on an enrolled voice."""

import click


@click.command()
@click.argument("name")
@click.option("--steps", type=click.IntRange(10), default=300, show_default=True, help="Optimiser steps.")
def adapt(name: str, steps: int) -> None:
    """Fine-tune on the recordings of the voice NAME; kept only if held-back speech improves. Resumes if interrupted."""
    import shutil
    from dataclasses import replace

    from yinse.contracts.errors import InvalidInput
    from yinse.engine.checkpoints.base import load_base
    from yinse.engine.voice.home import ADAPTER_FILE, Voice, VoiceHome, yinse_home
    from yinse.serving.enrolment import prepare_all
    from yinse.training.adapt import adapt as fine_tune

    home = VoiceHome()
    voice = home.load(name)
    recordings = home.recordings(name)
    if not recordings:
        raise InvalidInput(
            f"the recordings of {name!r} are not here (presets have none), so it cannot be fine-tuned"
        )
    models = load_base()
    slices, bandwidth = prepare_all(models, recordings)
    work = yinse_home() / "adapt" / name
    with click.progressbar(length=steps, label=f"Adapting {name}") as bar:
        outcome = fine_tune(
            models, slices, bandwidth, home.folder(name) / ADAPTER_FILE, work, steps=steps,
            progress=lambda done: bar.update(done - bar.pos),
        )  # fmt: skip
    shutil.rmtree(work, ignore_errors=True)
    verdict = "kept" if outcome.kept else "not kept: the voice stays as it was"
    click.echo(
        f"held-back loss {outcome.before:.3f} -> {outcome.after:.3f} after {outcome.steps} steps; {verdict}"
    )
    if outcome.kept:
        home.update_card(Voice(replace(voice.card, adapted=True), voice.prompt))
