"""Figures of the family as a CSV file for machines and a table for people."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.family.aims import AIMS
from benchmarks.family.measured import Measured

TITLES: Final = {
    "concatenating": "published loop",
    "plain": "plain loop",
    "fp32": "ours, fp32",
    "int8": "ours, int8",
    "service": "a service, int8",
    "import": "an import",
}
OURS: Final = ("int8", "service", "import")
"""Whose figures are held against the aims."""
COLUMNS: Final = ("version", "threads", "system", "quantity", "unit", "median", "best", "processor")
EXPLAINED: Final = """\
# Speed of the published family

Random weights of the real size; 60 phonemes, a prompt of 5 s, 5 s spoken. Median by the wall clock (one round of what takes longer
than 4 s), in brackets by processor time. The memory of a service is that of a fresh process that opens a voice from disk and
speaks Chinese: Python, torch, s1, s2 and BERT; its peak is that of opening, reading and speaking. An import is
`yinse weights import` with a recording of 5 s and its words. Elsewhere memory is that of the models alone, after they were made.
`make bench-family` writes this page.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of one voice; 0 threads where their number does not matter."""

    version: str
    system: str
    threads: int
    measured: Measured

    def sentence(self) -> str:
        """For those who watch."""
        one = self.measured
        value = f"{number(one.value)} {one.unit}".strip()
        count = f"{_threads(self.threads)}: " if self.threads else ""
        return f"{self.version}, {TITLES[self.system]}, {count}{one.quantity} {value}"


def number(value: float) -> str:
    """Three digits that matter."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def markdown(lines: Sequence[Line], machine: str, load: str) -> str:
    """The aims, then one table a version and number of threads: quantities down, systems across."""
    parts = [EXPLAINED, f"{machine}. {load}\n", _aims(lines)]
    for version, threads in dict.fromkeys((line.version, line.threads) for line in lines):
        chosen = [line for line in lines if (line.version, line.threads) == (version, threads)]
        parts.append(_closeness(version, chosen) if not threads else _speeds(version, threads, chosen))
    return "\n".join(parts)


def _aims(lines: Sequence[Line]) -> str:
    """What was aimed at, beside what is known of the published code."""
    ours = [line for line in lines if line.system in OURS and line.threads]
    settings = list(dict.fromkeys((line.version, line.threads) for line in ours))
    found = {(line.measured.quantity, line.version, line.threads): line.measured.value for line in ours}
    heads = " | ".join(f"{version}, {_threads(threads)}" for version, threads in settings)
    rows = [
        f"| ours, int8 | published code, 2 cores | aim | {heads} |",
        f"|---|---:|---:|{'---:|' * len(settings)}",
    ]
    for aim in AIMS:
        cells = []
        for version, threads in settings:
            value = found.get((aim.quantity, version, threads))
            met = None if value is None else aim.met(value)
            verdict = "" if met is None else " (met)" if met else " (missed)"
            cells.append("" if value is None else number(value) + verdict)
        rows.append(
            f"| {_name(aim.quantity, aim.unit)} | {aim.published} | {aim.words()} | {' | '.join(cells)} |"
        )
    note = "The published code was measured earlier, under load, on two cores of another machine, and not by this command."
    return "\n".join([*rows, "", note, ""])


def _speeds(version: str, threads: int, lines: Sequence[Line]) -> str:
    systems = list(dict.fromkeys(line.system for line in lines))
    cells = {(line.measured.quantity, line.system): line.measured for line in lines}
    rows = [
        f"| {version}, {_threads(threads)} | {' | '.join(TITLES[s] for s in systems)} |",
        f"|---|{'---:|' * len(systems)}",
    ]
    for quantity in dict.fromkeys(line.measured.quantity for line in lines):
        unit = next(line.measured.unit for line in lines if line.measured.quantity == quantity)
        row = [_cell(cells.get((quantity, system))) for system in systems]
        rows.append(f"| {_name(quantity, unit)} | {' | '.join(row)} |")
    return "\n".join(rows) + "\n"


def _name(quantity: str, unit: str) -> str:
    return f"{quantity}, {unit}" if unit else quantity


def _threads(count: int) -> str:
    return f"{count} thread{'s' * (count > 1)}"


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return ""
    processor = f" ({number(measured.processor)})" if measured.processor else ""
    return number(measured.value) + processor


def _closeness(version: str, lines: Sequence[Line]) -> str:
    rows = [f"| {version}, int8 against fp32 | |", "|---|---:|"]
    rows += [f"| {line.measured.quantity} | {number(line.measured.value)} |" for line in lines]
    return "\n".join(rows) + "\n"


def write_csv(lines: Sequence[Line], path: Path, machine: str) -> None:
    """Every figure with its best round and its processor time, and where and when it was measured."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*COLUMNS, "machine"))
        writer.writerows((*row, machine) for row in _rows(lines))


def _rows(lines: Sequence[Line]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        one = line.measured
        values = (f"{value:.6g}" for value in (one.value, one.best, one.processor))
        yield (line.version, str(line.threads), line.system, one.quantity, one.unit, *values)
