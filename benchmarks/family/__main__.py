"""`python -m benchmarks.family`: measure every combination in a fresh process, print the table and store it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.family.closeness import closeness
from benchmarks.family.measure import Measured
from benchmarks.family.table import Line, markdown, write_csv
from benchmarks.family.voices import SYSTEMS, VERSIONS
from benchmarks.voice.machine import this_machine

THREADS = (1, 2)
LOOPS = ("concatenating", "plain")


@click.command()
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option("--version", "versions", type=click.Choice(VERSIONS), multiple=True, default=VERSIONS)
@click.option("--system", "systems", type=click.Choice(SYSTEMS), multiple=True, default=SYSTEMS)
@click.option("--threads", type=int, multiple=True, default=THREADS)
@click.option("--rounds", type=int, default=3, show_default=True)
def main(
    results: Path, versions: tuple[str, ...], systems: tuple[str, ...], threads: tuple[int, ...], rounds: int
) -> None:
    """Speed, first audio and memory of the published family with random weights of the real size."""
    lines = []
    for line in all_lines(versions, systems, threads, rounds):
        click.echo(line.sentence())
        lines.append(line)
    results.mkdir(parents=True, exist_ok=True)
    text = markdown(lines, this_machine().sentence(), os.getloadavg()[2])
    (results / "family.md").write_text(text, "utf-8")
    write_csv(lines, results / "family.csv")
    click.echo(f"\n{text}")


def all_lines(
    versions: tuple[str, ...], systems: tuple[str, ...], threads: tuple[int, ...], rounds: int
) -> Iterator[Line]:
    """Every figure, as soon as it is known."""
    for version in versions:
        for count in threads:
            for system in systems:
                if system in LOOPS and version != VERSIONS[0]:
                    continue  # s1 of all versions is the same, and so are its plain loops
                for one in in_fresh_process(version, system, count, rounds):
                    yield Line(version, system, count, one)
        for quantity, value in asdict(closeness(version)).items():
            yield Line(version, "int8", 0, Measured(quantity.replace("_", " "), "", value, value))


def in_fresh_process(version: str, system: str, threads: int, rounds: int) -> list[Measured]:
    """Measure with so many threads, as a service would run."""
    variables = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    command = [sys.executable, "-m", "benchmarks.family.measure", version, system, str(threads)]
    result = subprocess.run(
        [*command, "--rounds", str(rounds)],
        capture_output=True, text=True, check=False, env={**os.environ, **variables},
    )  # fmt: skip
    if result.returncode:
        raise RuntimeError(f"measuring {version} {system} failed: {result.stderr.strip()[-2000:]}")
    return [Measured(**one) for one in json.loads(result.stdout.splitlines()[-1])]


if __name__ == "__main__":
    main()
