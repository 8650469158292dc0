"""`python -m benchmarks.load`: make sixteen voices, let people listen, print the table and store it."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.load import isolation, phases, table
from benchmarks.load.house import House
from benchmarks.load.listener import Voice
from benchmarks.load.people import Person
from benchmarks.load.voices import voices
from benchmarks.voice.likeness import resemblyzer
from benchmarks.voice.machine import this_machine
from benchmarks.voice.speech import SpeechData

VOICES = 16
SOAK_STREAMS = 4


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option("--streams", type=int, multiple=True, default=(1, 4, 16), show_default=True)
@click.option("--utterances", default=64, show_default=True, help="Of each number of listeners, hot.")
@click.option("--soak", "soak_seconds", default=600.0, show_default=True, help="Seconds; 0 leaves it out.")
@click.option("--isolation/--no-isolation", "isolated", default=True, show_default=True)
@click.option("--beside", default="Nothing else ran.", help="What else ran on the machine, for the page.")
def main(
    speech_data: Path, results: Path, streams: tuple[int, ...], utterances: int, soak_seconds: float,
    isolated: bool, beside: str,
) -> None:  # fmt: skip
    """First audio and memory of a whole service under concurrent listeners in distinct voices."""
    with tempfile.TemporaryDirectory(prefix="yinse-load-") as folder:
        house = House(Path(folder))
        with house:
            made = enrolled(house, SpeechData(speech_data))
        measured = [
            one for count in streams for one in measure(house, [v for v, _ in made], count, utterances)
        ]
        with house:
            known = [voice for voice, _ in made]
            soaked = (
                asyncio.run(phases.soak(house, known, SOAK_STREAMS, soak_seconds, click.echo))
                if soak_seconds
                else None
            )
        with house:
            found = isolate(house, made) if isolated else None
    load = f"Load average at the end: {os.getloadavg()[1]:.1f} over five minutes."
    text = table.markdown(measured, soaked, found, this_machine().sentence(), f"{beside} {load}")
    results.mkdir(parents=True, exist_ok=True)
    (results / "load.md").write_text(text, "utf-8")
    table.write_csv(measured, results / "load.csv")
    click.echo(f"\n{text}")


def enrolled(house: House, data: SpeechData) -> list[tuple[Voice, Person]]:
    """Make the voices, and one more that warms the service up after each start."""
    made = []
    for voice, someone in voices(house, data, VOICES + 1):
        click.echo(f"enrolled {voice.person}")
        made.append((voice, someone))
    return made


def measure(house: House, known: Sequence[Voice], streams: int, utterances: int) -> list[phases.Phase]:
    """Cold and hot with so many listeners, in a service started anew; the last voice only warms it up."""
    *measured, warm = known
    with house:
        asyncio.run(phases.hot(house, [warm], 1, 2))
        cold = asyncio.run(phases.cold(house, measured, streams))
        hot = asyncio.run(phases.hot(house, measured, streams, max(1, utterances // streams)))
    for phase in (cold, hot):
        click.echo(str(table.row(phase)))
    return [cold, hot]


def isolate(house: House, made: Sequence[tuple[Voice, Person]]) -> isolation.Isolation:
    """Interleave requests of every voice, and judge them."""
    alone, crowd = asyncio.run(isolation.interleaved(house, [voice for voice, _ in made[:VOICES]]))
    recordings = {someone.name: someone.recording for _, someone in made[:VOICES]}
    return isolation.judged(alone, crowd, recordings, resemblyzer())


if __name__ == "__main__":
    main()
