"""Rows of figures, and the one table made of them: CSV for machines, Markdown for people."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.voice.figures import Figure

NATURAL, FLOOR = "natural", "floor"
"""Subjects that are not a system: real speech, and a deliberate failure."""

NUMBERS = ("value", "low", "high")
COLUMNS = (
    "quality",
    "measure",
    "language",
    "subject",
    *NUMBERS,
    "samples",
    "unit",
    "detail",
    "date",
    "machine",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: of what quality, by which measure, for whom."""

    quality: str
    measure: str
    language: str
    subject: str
    figure: Figure
    unit: str = ""
    """`%` shows a share as per cent; anything else is written behind the number."""
    detail: str = ""
    """What the samples are."""
    date: str = ""
    """When it was measured; filled in when it is stored."""
    machine: str = ""
    """Whose processor measured it; filled in too."""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes a row the same row in another run."""
        return self.quality, self.measure, self.language, self.subject, self.detail


def to_csv(rows: Sequence[Row]) -> str:
    """All rows, one a line, with a header."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        f = row.figure
        numbers = [f"{number:.4f}" for number in (f.value, f.low, f.high)]
        subject = (row.quality, row.measure, row.language, row.subject)
        writer.writerow([*subject, *numbers, f.samples, row.unit, row.detail, row.date, row.machine])
    return sheet.getvalue()


def from_csv(sheet: str) -> list[Row]:
    """The rows that `to_csv` wrote."""
    return [_read(line) for line in csv.DictReader(io.StringIO(sheet))]


def _read(line: Mapping[str, str]) -> Row:
    value, low, high = (float(line[name]) for name in NUMBERS)
    return Row(
        line["quality"], line["measure"], line["language"], line["subject"],
        Figure(value, low, high, int(line["samples"])), line["unit"], line["detail"], line["date"],
        line["machine"],
    )  # fmt: skip


def merged(earlier: Sequence[Row], now: Sequence[Row]) -> list[Row]:
    """Rows of now, and of earlier runs those whose quality and subject were not measured now.

    The rulers' ends stay until the same row is measured again: no other weights make them stale.
    """
    measured = {(row.quality, row.subject) for row in now if row.subject not in (NATURAL, FLOOR)}
    kept = {row.key: row for row in earlier if (row.quality, row.subject) not in measured}
    return list({**kept, **{row.key: row for row in now}}.values())


def shown(figure: Figure, unit: str) -> str:
    """`96 % (87-99, n 50)`: value, 95 % interval, samples."""
    if unit == "%":
        value, low, high = (f"{100 * x:.0f}" for x in (figure.value, figure.low, figure.high))
    else:
        value, low, high = (f"{x:.2f}" for x in (figure.value, figure.low, figure.high))
    return f"{value}{' ' + unit if unit else ''} ({low}-{high}, n {figure.samples})"


def to_markdown(rows: Sequence[Row], heading: str) -> str:
    """A table a quality: measures down, subjects across with natural speech first and the floor last."""
    parts = [f"# Voice benchmark\n\n{heading}\n\nBrackets: 95 % interval and number of samples.\n"]
    for quality in dict.fromkeys(row.quality for row in rows):
        parts.append(_section(quality, [row for row in rows if row.quality == quality]))
    return "\n".join(parts)


def _section(quality: str, rows: Sequence[Row]) -> str:
    subjects = sorted(dict.fromkeys(row.subject for row in rows), key=_place)
    lines = [
        f"## {quality.capitalize()}\n",
        f"| measure | language | {' | '.join(subjects)} | of what |",
        "|---" * (len(subjects) + 3) + "|",
    ]
    for measure, language, detail in dict.fromkeys((row.measure, row.language, row.detail) for row in rows):
        cells = {
            row.subject: shown(row.figure, row.unit)
            for row in rows
            if (row.measure, row.language, row.detail) == (measure, language, detail)
        }
        figures = " | ".join(cells.get(subject, "") for subject in subjects)
        lines.append(f"| {measure} | {language} | {figures} | {detail} |")
    lines.append("")
    for machine, date in dict.fromkeys((row.machine, row.date) for row in rows):
        of = dict.fromkeys(row.subject for row in rows if (row.machine, row.date) == (machine, date))
        lines.append(f"- {', '.join(of)}: measured {date} on {machine}")
    return "\n".join(lines) + "\n"


def _place(subject: str) -> int:
    return {NATURAL: 0, FLOOR: 2}.get(subject, 1)
