"""`python -m benchmarks.noise`: does removing the noise of a recording make a better voice, and where does it stop to?"""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import click
import numpy as np
import numpy.typing as npt

from benchmarks.voice.figures import Figure, mean, share
from benchmarks.voice.likeness import Embed, resemblyzer, unit
from benchmarks.voice.machine import this_machine
from benchmarks.voice.sentences import Stranger, strangers, written
from benchmarks.voice.speech import SpeechData, members
from yinse.engine.audio.denoise import DenoisePolicy
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.synthesizer import Synthesizer
from yinse.engine.voice.enrol import build_prompt
from yinse.engine.voice.prepare import Recording, prepare
from yinse.quality.examine import examine
from yinse.quality.measures.bandwidth import voice_band_hz
from yinse.serving.enrolment import value_of

LEVELS = (None, 35.0, 30.0, 25.0, 20.0, 15.0, 10.0)
"""dB of the speech over the noise; the first is the recording as it is."""
LONG_ENOUGH_SECONDS = 30.0
PAUSE = 0.35
"""Seconds between the sentences of a recording."""
POLICY = DenoisePolicy()
NEVER, ALWAYS = POLICY.highest_snr + 1.0, POLICY.lowest_snr


@dataclass(frozen=True, slots=True)
class Trial:
    """One sentence in a voice: cosine to its own person, and whether that is the nearest of all."""

    cosine: float
    nearest_own: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One level of noise: SNR as the check measures it, and voices made with the noise and without it."""

    level: float | None
    measured: float
    removed: Figure
    kept: tuple[Trial, ...]
    cleaned: tuple[Trial, ...]


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option("--sentences", default=2, show_default=True, help="That each voice speaks.")
def main(speech_data: Path, results: Path, sentences: int) -> None:
    """Strangers enrolled from recordings with a real noise, before and after it was removed."""
    data = SpeechData(speech_data)
    people = strangers(data)
    clean = [data.in_a_row(person.enrol, PAUSE) for person in people]
    bench = Bench(Synthesizer.load(compiled=True), resemblyzer(), people, clean)
    noises = steady_noises(speech_data)
    rows = []
    for level in LEVELS:
        rows.append(bench.row(level, noises, sentences))
        click.echo(line(rows[-1]))
    text = page(rows, len(people), len(noises))
    results.mkdir(parents=True, exist_ok=True)
    (results / "noise.md").write_text(text, "utf-8")
    click.echo(f"\n{text}")


def steady_noises(speech_data: Path) -> list[Waveform]:
    """Every recorded noise that lasts, in the order of their names."""
    rows = [json.loads(one) for one in (speech_data / "noise.jsonl").read_text("utf-8").splitlines()]
    files = {row["file"] for row in rows if row["kind"] == "noise" and row["seconds"] >= LONG_ENOUGH_SECONDS}
    return [waveform for _, waveform in members(speech_data / "noise.tar", files)]


def recorded(speeches: Sequence[Waveform], noises: Sequence[Waveform], level: float | None) -> list[Waveform]:
    """Every speech with a noise so many dB below it, or as it is; the noises take turns."""
    if level is None:
        return list(speeches)
    return [mixed(speech, noise, level) for speech, noise in zip(speeches, itertools.cycle(noises))]


def mixed(speech: Waveform, noise: Waveform, level: float) -> Waveform:
    """The noise, over and over, so many dB below the speech."""
    heard = np.resize(resample(noise, speech.rate).samples, len(speech.samples))
    gain = power(speech.samples) / power(heard) * 10 ** (-level / 20)
    return Waveform((speech.samples + gain * heard).astype(np.float32), speech.rate)


def power(samples: Samples) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


class Bench:
    """The engine, an independent ear, and people it knows from clean recordings."""

    def __init__(
        self, synthesizer: Synthesizer, ear: Embed, people: Sequence[Stranger], clean: Sequence[Waveform]
    ) -> None:
        self._synthesizer, self._ear = synthesizer, ear
        self._people, self._clean = people, clean
        self._known: npt.NDArray[np.float32] = np.stack([unit(ear(one)) for one in clean])

    def row(self, level: float | None, noises: Sequence[Waveform], sentences: int) -> Row:
        """Every person with a noise; the noises take turns."""
        measured, removed = list[float](), list[bool]()
        kept, cleaned = list[Trial](), list[Trial]()
        for number, heard in enumerate(recorded(self._clean, noises, level)):
            snr = value_of(examine(heard), "snr", NEVER)
            measured.append(snr)
            removed.append(POLICY.lowest_snr <= snr <= POLICY.highest_snr)
            kept += self._trials(number, Recording(heard, (), NEVER), sentences)
            cleaned += self._trials(number, Recording(heard, (), ALWAYS), sentences)
        return Row(level, fmean(measured), share(removed), tuple(kept), tuple(cleaned))

    def _trials(self, number: int, recording: Recording, sentences: int) -> Iterator[Trial]:
        models, person = self._synthesizer.models, self._people[number]
        prompt = build_prompt(models, prepare(models, recording, voice_band=voice_band_hz).slices)
        for seed, text in enumerate(written(person.language)[:sentences]):
            options = SpeechOptions(language=person.language, seed=seed)
            cosines = self._known @ unit(self._ear(self._synthesizer.speak(text, prompt, options).audio))
            yield Trial(float(cosines[number]), int(cosines.argmax()) == number)


def line(row: Row) -> str:
    """A row of the table."""
    level = "as it is" if row.level is None else f"{row.level:g} dB"
    parts = [level, f"{row.measured:.0f} dB", f"{100 * row.removed.value:.0f} %"]
    for trials in (row.kept, row.cleaned):
        nearest = share([trial.nearest_own for trial in trials])
        cosine = mean([trial.cosine for trial in trials])
        parts.append(f"{100 * nearest.value:.0f} % ({100 * nearest.low:.0f}-{100 * nearest.high:.0f})")
        parts.append(f"{cosine.value:.2f} ({cosine.low:.2f}-{cosine.high:.2f})")
    return f"| {' | '.join(parts)} |"


def page(rows: Sequence[Row], people: int, noises: int) -> str:
    """The page that the benchmark writes."""
    sentences = len(rows[0].kept) // people
    parts = [
        "# Voices of noisy recordings\n",
        f"`python -m benchmarks.noise` writes this page: {people} strangers, about a minute each, mixed with one of "
        f"{noises} real noises. Each becomes a voice twice, with its noise and after the noise was removed, and speaks "
        f"{sentences} sentences. An independent ear (resemblyzer), which knows the people from their clean recordings, "
        f"tells who it hears. When somebody enrols, noise is removed where the check measures {POLICY.lowest_snr:g} to "
        f"{POLICY.highest_snr:g} dB. Brackets: 95 % interval.\n",
        f"{this_machine().sentence()}.\n",
        "| noise below the speech | measured SNR | removed at enrolment | with it: identified | cosine "
        "| without: identified | cosine |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *map(line, rows),
    ]
    return "\n".join([*parts, ""])


if __name__ == "__main__":
    main()
