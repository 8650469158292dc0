"""`python -m benchmarks.ablation`: flow and diffusion in 1 ... 16 steps, one table."""

from pathlib import Path

import click
import torch

from benchmarks.ablation.priors import (
    NATURAL,
    STEPS,
    Line,
    Outcome,
    judge,
    measure,
    recogniser,
    settings,
    speaker,
    to_markdown,
)
from benchmarks.voice.engine import bandwidth_of, slices_of
from benchmarks.voice.likeness import enrol, resemblyzer
from benchmarks.voice.machine import this_machine
from benchmarks.voice.sentences import Stranger, strangers, written
from benchmarks.voice.speech import SpeechData
from benchmarks.voice.system import Recording
from yinse.engine.synthesis.synthesizer import Synthesizer
from yinse.engine.voice.enrol import build_prompt

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--speech-data", type=FOLDER, default=Path("../shared/data"), show_default=True)
@click.option("--weights", type=FOLDER, help="Bundle to measure; default is the one that ships.")
@click.option("--out", type=FOLDER, default=Path("benchmarks/results/priors.md"), show_default=True)
@click.option("--sentences", type=int, default=8, show_default=True, help="Written sentences a language.")
@click.option("--speakers", type=int, default=6, show_default=True, help="Strangers who take turns.")
@click.option("--steps", type=int, multiple=True, default=STEPS, show_default=True)
@click.option("--threads", type=int, default=1, show_default=True)
def main(
    speech_data: Path, weights: Path | None, out: Path, sentences: int, speakers: int,
    steps: tuple[int, ...], threads: int,
) -> None:  # fmt: skip
    """Speak the same sentences in the voices of strangers with every prior, and compare."""
    torch.set_num_threads(threads)
    data, synthesizer = SpeechData(speech_data), Synthesizer.load(weights, compiled=True)
    people = strangers(data)[:speakers]
    outcomes = compare(data, synthesizer, people, sentences, steps)
    heading = f"{sentences} sentences a language, {len(people)} strangers, {threads} thread. {this_machine()}"
    table = to_markdown(outcomes, heading)
    out.write_text(table, "utf-8")
    click.echo(table)


def compare(
    data: SpeechData, synthesizer: Synthesizer, people: list[Stranger], sentences: int, steps: tuple[int, ...]
) -> list[Outcome]:
    """Natural speech first, then every prior."""
    enrolment = {
        person.name: [
            Recording(waveform, utterance.text, utterance.language)
            for waveform, utterance in zip(data.read(person.enrol), person.enrol, strict=True)
        ]
        for person in people
    }
    embed, recognise = resemblyzer(), recogniser(synthesizer)
    voices = enrol({name: [one.waveform for one in said] for name, said in enrolment.items()}, embed)
    prompts = {
        name: build_prompt(synthesizer.models, slices_of(said), bandwidth=bandwidth_of(said))
        for name, said in enrolment.items()
    }
    own = [Line(u.text, u.language, person.name) for person in people for u in person.test]
    audio = [waveform for person in people for waveform in data.read(person.test)]
    lines = [
        Line(text, language, people[index % len(people)].name)
        for language in ("zh", "en", "ja")
        for index, text in enumerate(written(language)[:sentences])
    ]
    speak = speaker(synthesizer, prompts)
    return [
        judge(NATURAL, own, audio, voices, recognise, embed),
        *(measure(one, lines, speak, voices, recognise, embed) for one in settings(synthesizer, steps)),
    ]


if __name__ == "__main__":
    main()
