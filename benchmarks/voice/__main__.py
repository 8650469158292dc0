"""`python -m benchmarks.voice`: measure, print the table and store it with its plots."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
import soundfile

from benchmarks.voice import likeness, natural, plots, sentences, speed, table
from benchmarks.voice.machine import this_machine
from benchmarks.voice.speech import SpeechData, Utterance
from benchmarks.voice.synthetic import Bench
from benchmarks.voice.system import load_system
from benchmarks.voice.table import Row

QUALITIES = ("intelligibility", "likeness", "signal", "speed")
THREADS = (1, 2)


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option(
    "--system", "factories", multiple=True, help="module:function that makes a System; may be repeated."
)
@click.option(
    "--only", type=click.Choice(["natural", "systems"]), help="Ceilings and floors need no weights."
)
@click.option("--adapt", is_flag=True, help="Also fine-tune every stranger's voice (long).")
@click.option("--quality", "qualities", type=click.Choice(QUALITIES), multiple=True, default=QUALITIES)
@click.option("--sentences", "count", type=int, default=natural.SENTENCES, show_default=True)
@click.option("--speakers", type=int, default=0, help="Number of strangers; 0 takes all.")
def main(
    speech_data: Path, results: Path, factories: tuple[str, ...], only: str | None, adapt: bool,
    qualities: tuple[str, ...], count: int, speakers: int,
) -> None:  # fmt: skip
    """Natural speech beside ours: intelligibility, likeness, signal and speed, each with its spread."""
    data = SpeechData(speech_data)
    people = sentences.strangers(data)[: speakers or None]
    rows = [] if only == "systems" else list(natural_rows(data, people, qualities, count))
    if only != "natural":
        for factory in factories or ("benchmarks.voice.engine:system",):
            rows += system_rows(factory, data, people, qualities, count, adapt=adapt)
    store(rows, results)


def natural_rows(
    data: SpeechData, people: Sequence[sentences.Stranger], qualities: Sequence[str], count: int
) -> Iterator[Row]:
    """Ceilings and floors."""
    if "intelligibility" in qualities:
        yield from natural.intelligibility(data, count)
        yield from natural.japanese_reference(count)
        yield from natural.template_matching(data, count)
    if "likeness" in qualities:
        yield from natural.identity(data, people, likeness.resemblyzer())
    if "signal" in qualities:
        yield from natural.signal_ends(data, signal_set(people))


def system_rows(
    factory: str, data: SpeechData, people: Sequence[sentences.Stranger], qualities: Sequence[str],
    count: int, *, adapt: bool,
) -> Iterator[Row]:  # fmt: skip
    """A system on the same sentences and strangers; speed first, while the machine is quiet."""
    system = load_system(factory)
    if "speed" in qualities and system.stream is not None:
        yield from speed_rows(factory, system.name, data, people[0])
    bench = Bench(system, data, people)
    for one in (bench, bench.adapted()) if adapt else (bench,):
        if "likeness" in qualities:
            yield from one.likeness(likeness.resemblyzer())
        if "intelligibility" in qualities:
            yield from one.intelligibility(count)
    if "signal" in qualities:
        yield from bench.signal(signal_set(people))


def signal_set(people: Sequence[sentences.Stranger]) -> list[Utterance]:
    """Two test utterances a stranger."""
    return [utterance for person in people for utterance in person.test[:2]]


def speed_rows(factory: str, name: str, data: SpeechData, person: sentences.Stranger) -> Iterator[Row]:
    """Every thread count in a fresh process, enrolled from one recording."""
    utterance = max(person.enrol, key=lambda one: one.seconds)
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "reference.wav"
        waveform = data.read([utterance])[0]
        soundfile.write(recording, waveform.samples, waveform.rate)
        for threads in THREADS:
            measurement = speed.measure(factory, recording, utterance.text, threads=threads)
            yield from speed.rows_of(name, threads, measurement)


def store(rows: Sequence[Row], folder: Path) -> None:
    """Lay the rows over those of earlier runs; print the table and write CSV, Markdown and plots."""
    folder.mkdir(parents=True, exist_ok=True)
    machine, sheet = this_machine(), folder / "voice.csv"
    dated = [replace(row, date=machine.date, machine=machine.processor) for row in rows]
    everything = table.merged(table.from_csv(sheet.read_text("utf-8")) if sheet.exists() else [], dated)
    page = table.to_markdown(everything, f"Last run: {machine.sentence()}.")
    links = "\n".join(f"![{path.stem}]({path.name})" for path in plots.draw(everything, folder))
    sheet.write_text(table.to_csv(everything), "utf-8")
    (folder / "voice.md").write_text(f"{page}\n{links}\n", "utf-8")
    click.echo(page)


if __name__ == "__main__":
    main()
