"""Figures of load as a table for people and a CSV file for machines."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.load.isolation import Isolation
from benchmarks.load.phases import Phase, Soak
from benchmarks.voice.machine import Machine

COLUMNS = (
    "streams", "heat", "utterances", "errors", "first_p50_ms", "first_p95_ms", "first_p99_ms", "ran_dry",
    "dry_s", "audio_a_second", "memory_start_mb", "memory_most_mb", "memory_end_mb", "memory_mb_a_minute", "date", "machine",
)  # fmt: skip


def row(phase: Phase) -> dict[str, object]:
    """One phase in figures."""
    well = [heard for heard in phase.heard if not heard.code]
    first = [heard.first * 1000 for heard in well] or [float("nan")]
    p50, p95, p99 = np.percentile(first, [50, 95, 99])
    return {
        "streams": phase.streams,
        "heat": phase.heat,
        "utterances": len(phase.heard),
        "errors": len(phase.heard) - len(well),
        "first_p50_ms": round(p50),
        "first_p95_ms": round(p95),
        "first_p99_ms": round(p99),
        "ran_dry": sum(heard.dry > 0.05 for heard in well),
        "dry_s": round(sum(heard.dry for heard in well), 1),
        "audio_a_second": round(sum(heard.audio for heard in well) / phase.seconds, 2),
    }


def markdown(
    phases: Sequence[Phase], soaked: Soak | None, isolation: Isolation | None, machine: str, beside: str
) -> str:
    """The page that the benchmark writes."""
    parts = [
        "# Load\n",
        "`make bench-load` writes this page: `yinse serve` as it comes, over HTTP on loopback, each listener in a voice of "
        "their own, made of a minute of a real person's recording. A listener asks, hears the speech to its end as fast as it "
        "is played, and asks again. First audio is from asking to the first bytes of sound. Cold: the first utterance in a "
        "voice since the service started, all asked for at one moment. Ran dry: utterances whose listener had to wait in the "
        "middle (more than 50 ms).\n",
        f"{machine}. {beside}\n",
        "| listeners | voices | utterances | errors | first audio P50 | P95 | P99 | ran dry | audio made a second |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in map(row, phases):
        parts.append(
            "| {streams} | {heat} | {utterances} | {errors} | {first_p50_ms} ms | {first_p95_ms} ms | {first_p99_ms} ms "
            "| {ran_dry} | {audio_a_second} s |".format(**one)
        )
    if soaked is not None:
        parts += ["", *_soak(soaked)]
    if isolation is not None:
        parts += ["", *_isolation(isolation)]
    return "\n".join(parts) + "\n"


def soak_row(soaked: Soak) -> dict[str, object]:
    """The soak in figures: as a phase of its own, with the memory and how it changed over the last three quarters."""
    moments, memory = np.array(soaked.memory).T
    later = moments > moments[-1] / 4
    slope = np.polyfit(moments[later], memory[later], 1)[0] * 60 if later.sum() > 2 else float("nan")
    return row(Phase(soaked.streams, "soak", soaked.heard, float(moments[-1]))) | {
        "memory_start_mb": round(memory[0]),
        "memory_most_mb": round(memory.max()),
        "memory_end_mb": round(memory[-1]),
        "memory_mb_a_minute": round(float(slope), 2),
    }


def _soak(soaked: Soak) -> list[str]:
    found, seconds = soak_row(soaked), soaked.memory[-1][0]
    return [
        "## Memory over time\n",
        f"{seconds:.0f} s, {soaked.streams} listeners, voices in turn: {found['utterances']} utterances, {found['errors']} errors; "
        f"first audio P50 {found['first_p50_ms']} ms, P95 {found['first_p95_ms']} ms, P99 {found['first_p99_ms']} ms. "
        "Memory of the service with its engine processes (PSS): "
        f"{found['memory_start_mb']} MB at the start, {found['memory_most_mb']} MB at most, "
        f"{found['memory_end_mb']} MB at the end; over the last three quarters it changed by "
        f"{found['memory_mb_a_minute']:+} MB a minute.",
    ]


def _isolation(found: Isolation) -> list[str]:
    own = np.diag(found.matrix)
    others = found.matrix[~np.eye(len(own), dtype=bool)]
    return [
        "## No voice in another's mouth\n",
        f"{found.requests} requests of {len(found.people)} voices, each with a sentence and a seed of its own, shuffled, "
        f"sixteen at once; {found.errors} errors. Bit-identical to the same request alone: {found.identical}. Nearest to their "
        f"own person among all, as an independent speaker encoder (resemblyzer) hears it: {found.nearest_own}. The speaker "
        f"matrix is {_diagonal(found)}: mean cosine {own.mean():.2f} (least {own.min():.2f}) to their own person, "
        f"{others.mean():.2f} (most {others.max():.2f}) to the others.",
    ]


def _diagonal(found: Isolation) -> str:
    if not found.confused:
        return "diagonal"
    pairs = ", ".join(f"{voice} (nearest to {other})" for voice, other in found.confused.items())
    return f"diagonal but for {pairs}"


def write_csv(phases: Sequence[Phase], soaked: Soak | None, machine: Machine, path: Path) -> None:
    """Every phase and the soak, one a line, with the day and the machine."""
    where = {"date": machine.date, "machine": f"{machine.processor}, {machine.cores} cores"}
    rows = [*map(row, phases), *([soak_row(soaked)] if soaked else [])]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(one | where for one in rows)
