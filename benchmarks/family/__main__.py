"""`python -m benchmarks.family`: measure every combination in a fresh process, print the table and store it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Final

import click
import torch

from benchmarks.family import service
from benchmarks.family.closeness import closeness
from benchmarks.family.measured import Measured
from benchmarks.family.table import Line, markdown, write_csv
from benchmarks.family.voices import SYSTEMS, VERSIONS
from benchmarks.voice.machine import this_machine

THREADS: Final = (1, 2)
LOOPS: Final = ("concatenating", "plain")
RESULTS: Final = Path("benchmarks/results")
QUICK_RESULTS: Final = Path("out/bench-family")


@click.command()
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
@click.option("--version", "versions", type=click.Choice(VERSIONS), multiple=True, default=VERSIONS)
@click.option("--system", "systems", type=click.Choice(SYSTEMS), multiple=True, default=SYSTEMS)
@click.option("--threads", type=int, multiple=True, default=THREADS)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--quick",
    is_flag=True,
    help=f"One round of v2Pro with one thread, to see that all works; into {QUICK_RESULTS}.",
)
def main(
    results: Path, versions: tuple[str, ...], systems: tuple[str, ...], threads: tuple[int, ...], rounds: int,
    quick: bool,
) -> None:  # fmt: skip
    """Speed, first audio and memory of the published family with random weights of the real size."""
    if quick:
        results, versions, systems, threads, rounds = QUICK_RESULTS, ("v2Pro",), ("int8",), (1,), 1
    torch.set_num_threads(
        1
    )  # here only what is compared, not timed; threads that wait for one another disturb
    start, loads, lines = time.monotonic(), [os.getloadavg()[0]], []
    for line in all_lines(versions, systems, threads, rounds):
        click.echo(line.sentence())
        lines.append(line)
        loads.append(os.getloadavg()[0])
    machine = this_machine().sentence()
    minutes = (time.monotonic() - start) / 60
    load = (
        f"{rounds} round{'s' * (rounds > 1)} after a warm-up, {minutes:.0f} minutes in all; load average {loads[0]:.1f} before, "
        f"at most {max(loads):.1f} meanwhile. A run on an idle machine brings it to the number of threads; where it is "
        "higher, other programs shared the cores."
    )
    results.mkdir(parents=True, exist_ok=True)
    text = markdown(lines, machine, load)
    (results / "family.md").write_text(text, "utf-8")
    write_csv(lines, results / "family.csv", machine)
    click.echo(f"\n{text}\nWritten to {results}/family.md and family.csv.")


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
        with tempfile.TemporaryDirectory() as home:
            service.write(Path(home), version)
            for count, system in product(threads, ("service", "import")):
                for one in in_fresh_process(version, system, count, rounds, YINSE_HOME=home):
                    yield Line(version, system, count, one)
        for quantity, value in asdict(closeness(version)).items():
            yield Line(version, "int8", 0, Measured(quantity.replace("_", " "), "", value, value))


def in_fresh_process(version: str, system: str, threads: int, rounds: int, **more: str) -> list[Measured]:
    """Measure with so many threads, as a service would run."""
    variables = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    command = [sys.executable, "-m", "benchmarks.family.measure", version, system, str(threads)]
    result = subprocess.run(
        [*command, "--rounds", str(rounds)],
        capture_output=True, text=True, check=False, env={**os.environ, **variables, **more},
    )  # fmt: skip
    if result.returncode:
        raise RuntimeError(f"measuring {version} {system} failed: {result.stderr.strip()[-2000:]}")
    return [Measured(**one) for one in json.loads(result.stdout.splitlines()[-1])]


if __name__ == "__main__":
    main()
