"""`python -m benchmarks.load`: make sixteen voices, let people listen, print the table and store it."""

import asyncio
import os
import tempfile
import time
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
LEAST_EACH = 12
"""Utterances of each listener at least, so that sixteen of them tell something too."""
QUICK_RESULTS = Path("out/load")


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option("--streams", type=int, multiple=True, default=(1, 4, 16), show_default=True)
@click.option("--utterances", default=32, show_default=True, help="Least of each number of listeners, hot.")
@click.option("--soak", "soak_seconds", default=600.0, show_default=True, help="Seconds; 0 leaves it out.")
@click.option("--isolation/--no-isolation", "isolated", default=True, show_default=True)
@click.option("--beside", default="", help="What else ran on the machine, for the page.")
@click.option(
    "--quick", is_flag=True, help="A dry run of every part, of a few minutes; writes into out/load."
)
def main(
    speech_data: Path, results: Path, streams: tuple[int, ...], utterances: int, soak_seconds: float,
    isolated: bool, beside: str, quick: bool,
) -> None:  # fmt: skip
    """First audio and memory of a whole service under concurrent listeners in distinct voices.

    All of it takes about twenty minutes on two cores that do nothing else.
    """
    started, count, requests, each = time.monotonic(), VOICES, isolation.REQUESTS, LEAST_EACH
    if quick:
        results, count, requests, each = QUICK_RESULTS, 4, 24, 2
        streams, utterances, soak_seconds = (1, 4), 4, 20.0
    with tempfile.TemporaryDirectory(prefix="yinse-load-") as folder:
        house = House(Path(folder))
        with house:
            made = enrolled(house, SpeechData(speech_data), count + 1)
        known = [voice for voice, _ in made]
        measured = [
            one
            for number in streams
            for one in measure(house, known, number, max(each, utterances // number))
        ]
        with house:
            soaked = (
                asyncio.run(phases.soak(house, known, SOAK_STREAMS, soak_seconds, click.echo))
                if soak_seconds
                else None
            )
        with house:
            found = isolate(house, made[:count], requests) if isolated else None
    minutes = (time.monotonic() - started) / 60
    around = f"{beside} It took {minutes:.0f} minutes; load average at the end: {os.getloadavg()[1]:.1f} over five minutes."
    machine = this_machine()
    text = table.markdown(measured, soaked, found, machine.sentence(), around.strip())
    results.mkdir(parents=True, exist_ok=True)
    (results / "load.md").write_text(text, "utf-8")
    table.write_csv(measured, soaked, machine, results / "load.csv")
    click.echo(f"\n{text}\nWrote {results / 'load.md'} and {results / 'load.csv'}.")


def enrolled(house: House, data: SpeechData, count: int) -> list[tuple[Voice, Person]]:
    """Make so many voices; the last one is for warming the service up after each start."""
    made = []
    for voice, someone in voices(house, data, count):
        click.echo(f"enrolled {voice.person}")
        made.append((voice, someone))
    return made


def measure(house: House, known: Sequence[Voice], streams: int, each: int) -> list[phases.Phase]:
    """Cold and hot with so many listeners, in a service started anew; the last voice only warms it up."""
    *measured, warm = known
    with house:
        asyncio.run(phases.hot(house, [warm], 1, 2))
        cold = asyncio.run(phases.cold(house, measured, streams))
        hot = asyncio.run(phases.hot(house, measured, streams, each))
    for phase in (cold, hot):
        click.echo(str(table.row(phase)))
    return [cold, hot]


def isolate(house: House, made: Sequence[tuple[Voice, Person]], requests: int) -> isolation.Isolation:
    """Interleave requests of every voice, and judge them."""
    alone, crowd = asyncio.run(isolation.interleaved(house, [voice for voice, _ in made], requests))
    recordings = {someone.name: someone.recording for _, someone in made}
    return isolation.judged(alone, crowd, recordings, resemblyzer())


if __name__ == "__main__":
    main()
