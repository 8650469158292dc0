"""Figures of the family as a CSV file for machines and a table for people."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.family.measure import Measured

TITLES: Final = {
    "concatenating": "published loop",
    "plain": "plain loop",
    "fp32": "ours, fp32",
    "int8": "ours, int8",
}
COLUMNS: Final = ("version", "threads", "system", "quantity", "unit", "median", "best", "processor")


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
        count = f"{self.threads} thread{'s' * (self.threads > 1)}: " if self.threads else ""
        value = f"{number(one.value)} {one.unit}".strip()
        return f"{self.version}, {TITLES[self.system]}, {count}{one.quantity} {value}"


def number(value: float) -> str:
    """Three digits that matter."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def markdown(lines: Sequence[Line], machine: str, load: float) -> str:
    """One table a version and number of threads: quantities down, systems across."""
    parts = [
        "# Speed of the published family\n",
        "Random weights of the real size; 60 phonemes, a prompt of 5 s, 5 s spoken. Median by the wall clock, in "
        "brackets by processor time. Memory is that of everything a service needs for Chinese: Python, torch, s1, s2 "
        "and BERT; the peak includes making the random weights in float32. `make bench-family` writes this page.\n",
        f"{machine}. Load average at the end: {load:.1f}; other programs shared the cores where it is above 1.\n",
    ]
    for version, threads in dict.fromkeys((line.version, line.threads) for line in lines):
        chosen = [line for line in lines if (line.version, line.threads) == (version, threads)]
        parts.append(_closeness(version, chosen) if not threads else _speeds(version, threads, chosen))
    return "\n".join(parts)


def _speeds(version: str, threads: int, lines: Sequence[Line]) -> str:
    systems = list(dict.fromkeys(line.system for line in lines))
    cells = {(line.measured.quantity, line.system): line.measured for line in lines}
    rows = [
        f"| {version}, {threads} thread{'s' * (threads > 1)} | {' | '.join(TITLES[s] for s in systems)} |",
        f"|---|{'---:|' * len(systems)}",
    ]
    for quantity in dict.fromkeys(line.measured.quantity for line in lines):
        unit = next(line.measured.unit for line in lines if line.measured.quantity == quantity)
        name = f"{quantity}, {unit}" if unit else quantity
        row = [_cell(cells.get((quantity, system))) for system in systems]
        rows.append(f"| {name} | {' | '.join(row)} |")
    return "\n".join(rows) + "\n"


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return ""
    processor = f" ({number(measured.processor)})" if measured.processor else ""
    return number(measured.value) + processor


def _closeness(version: str, lines: Sequence[Line]) -> str:
    rows = [f"| {version}, int8 against fp32 | |", "|---|---:|"]
    rows += [f"| {line.measured.quantity} | {number(line.measured.value)} |" for line in lines]
    return "\n".join(rows) + "\n"


def write_csv(lines: Sequence[Line], path: Path) -> None:
    """Every figure with its best round and its processor time."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for line in lines:
            one = line.measured
            values = [f"{value:.6g}" for value in (one.value, one.best, one.processor)]
            writer.writerow([line.version, line.threads, line.system, one.quantity, one.unit, *values])
