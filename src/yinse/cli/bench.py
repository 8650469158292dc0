"""`yinse bench`: speed and memory of speaking on this machine."""

import csv
import io
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from yinse.engine.synthesis.speed import Measurement

EXPLANATION = (
    "One sentence each of zh, en and ja, spoken as a stream in a fresh process after a round to warm up, with tokens drawn by "
    "compiled code, as in a service. First audio is the median (and the slowest) time to the first samples. RTF and the "
    "columns of the stages are seconds of computation a second of audio; `listening` scores what was spoken, `other` is "
    "sampling, copying and bookkeeping."
)


@click.command()
@click.option("--voice", help="Voice to speak with; default the first there is.")
@click.option("--threads", type=click.IntRange(1), multiple=True, default=(1, 2), show_default=True)
@click.option("--steps", type=click.IntRange(1), multiple=True, default=(2,), show_default=True,
              help="Steps of the diffusion prior; the flow prior is always measured.")  # fmt: skip
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="Rounds of zh, en, ja.")
@click.option(
    "--minutes", type=click.FloatRange(1), help="Follow the memory over a script this long instead."
)
@click.option("--results", type=click.Path(file_okay=False, path_type=Path),
              help="Folder to write speed-<date>.csv and .md into.")  # fmt: skip
def bench(
    voice: str | None, threads: tuple[int, ...], steps: tuple[int, ...], repeats: int, minutes: float | None,
    results: Path | None,
) -> None:  # fmt: skip
    """Measure first audio, real-time factor of every stage, and memory; each setting in a fresh process."""
    from yinse.engine.synthesis.speed import Setting, follow_memory, measure

    name = voice or _first_voice()
    click.echo(machine())
    if minutes is not None:
        click.echo(_memory(follow_memory(Setting(name, threads[0], None), minutes)))
        return
    settings = [Setting(name, count, prior) for count in threads for prior in (None, *steps)]
    with click.progressbar(settings, label="Measuring", file=sys.stderr) as bar:
        rows = [row_of(measure(setting, repeats=repeats)) for setting in bar]
    click.echo(markdown(rows))
    if results is not None:
        _write(results, rows)


def _first_voice() -> str:
    from yinse.contracts.errors import NotFound
    from yinse.engine.voice.home import VoiceHome

    names = VoiceHome().names()
    if not names:
        raise NotFound(
            "there is no voice to measure with: make one with `yinse enrol`, or install the weights"
        )
    return names[0]


def row_of(measurement: "Measurement") -> dict[str, str]:
    """One setting as a row: RTF is seconds of computation a second of audio, in all and by stage."""
    from yinse.engine.synthesis.speed import STAGES

    median, slowest = measurement.first_audio_ms
    return {
        "setting": measurement.setting.prior,
        "threads": str(measurement.setting.threads),
        "first audio ms": f"{median:.0f}",
        "slowest ms": f"{slowest:.0f}",
        "RTF": f"{measurement.rtf:.3f}",
        **{stage: f"{measurement.stage_rtf(stage):.3f}" for stage in STAGES},
        "other": f"{measurement.other_rtf:.3f}",
        "peak MiB": f"{measurement.peak_mib:.0f}",
        "load s": f"{measurement.load_s:.1f}",
        "sentences": str(len(measurement.utterances)),
    }


def markdown(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as a Markdown table with aligned columns."""
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    lines = [dict(zip(widths, widths, strict=True)), {name: "-" * widths[name] for name in widths}, *rows]
    return "\n".join(
        "| " + " | ".join(row[name].ljust(widths[name]) for name in widths) + " |" for row in lines
    )


def _memory(seen: Sequence[tuple[float, float]]) -> str:
    return markdown([{"minutes spoken": f"{m:.1f}", "resident MiB": f"{mib:.0f}"} for m, mib in seen])


def _write(folder: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """The table as CSV and as Markdown, under today's date."""
    from yinse.engine.audio.files import write_atomic

    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text = f"# Speed\n\n{machine()}\n\n{EXPLANATION}\n\n{markdown(rows)}\n"
    name = f"speed-{datetime.now(UTC).date().isoformat()}"
    for ending, content in (("csv", sheet.getvalue()), ("md", text)):
        write_atomic(folder / f"{name}.{ending}", content.encode())
        click.echo(f"{folder / name}.{ending} is written.")


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.machine()
    return (
        f"{datetime.now(UTC).date().isoformat()}, {processor}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
        f"{platform.system()}, Python {platform.python_version()}, torch {version('torch')}"
    )
