"""How fast, how soon, how much memory? Each setting in a fresh process, as a user's is."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.voice.figures import Figure, mean
from benchmarks.voice.speech import decode
from benchmarks.voice.stopwatch import Stopwatch
from benchmarks.voice.system import Recording, System, Voice, load_system
from benchmarks.voice.table import Row
from yinse.engine.synthesis.speed import peak_memory_mib

TEXTS = (
    ("en", "The meeting has moved to Thursday afternoon, so we have two more days to finish the report."),
    ("zh", "会议改到了星期四下午，所以我们还有两天时间把报告写完。"),
    ("ja", "会議は木曜日の午後に変わったので、報告書を仕上げる時間があと二日あります。"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One utterance spoken as a stream: seconds to its first audio, to its end, and of audio."""

    first: float
    total: float
    audio: float
    stages: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one fresh process measured; `load` in seconds, `peak_mb` its largest resident memory."""

    load: float
    runs: tuple[Run, ...]
    peak_mb: float


def time_stream(system: System, voice: Voice, text: str, language: str, seed: int) -> Run:
    """Speak one text and clock it."""
    if system.stream is None:
        raise ValueError(f"{system.name} does not stream")
    watch = Stopwatch()
    first, audio = 0.0, 0.0
    with watch.watching(system.stages or {}):
        start = time.perf_counter()
        for piece in system.stream(text, language, voice, seed):
            first = first or time.perf_counter() - start
            audio += piece.seconds
        total = time.perf_counter() - start
    return Run(first, total, audio, watch.seconds)


def measure_here(factory: str, recording: Path, text: str, repeats: int) -> Measurement:
    """Load, enrol and speak in this process; the first utterance of a language is not counted."""
    start = time.perf_counter()
    system = load_system(factory)
    load = time.perf_counter() - start
    voice = system.enrol([Recording(decode(recording.read_bytes()), text, "en")])
    runs = []
    for language, sentence in TEXTS:
        clocked = [time_stream(system, voice, sentence, language, seed) for seed in range(repeats + 1)]
        runs += clocked[1:]
    return Measurement(load, tuple(runs), peak_memory_mib() * 2**20 / 1e6)


def measure(factory: str, recording: Path, text: str, *, threads: int, repeats: int = 3) -> Measurement:
    """The same in a fresh process with `threads` threads."""
    variables = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    command = [sys.executable, "-m", "benchmarks.voice.speed", factory, str(recording), text, str(repeats)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )
    if result.returncode:
        raise RuntimeError(f"the speed run failed: {result.stderr.strip()[-2000:]}")
    report = json.loads(result.stdout.splitlines()[-1])
    return Measurement(report["load"], tuple(Run(**run) for run in report["runs"]), report["peak_mb"])


def rows_of(name: str, threads: int, measurement: Measurement) -> list[Row]:
    """The measurement as rows of the table; stages as seconds of work per second of audio."""
    runs, detail = measurement.runs, f"{threads} thread{'s' * (threads > 1)}"

    def row(measure: str, figure: Figure, unit: str) -> Row:
        return Row("speed", measure, "en zh ja", name, figure, unit, detail)

    stages = dict.fromkeys(stage for run in runs for stage in run.stages)
    return [
        row("real-time factor", mean([run.total / run.audio for run in runs]), ""),
        row("first audio", mean([1000 * run.first for run in runs]), "ms"),
        *(
            row(f"stage {stage}", mean([run.stages.get(stage, 0.0) / run.audio for run in runs]), "s/s")
            for stage in stages
        ),
        row("peak memory", mean([measurement.peak_mb]), "MB"),
        row("load", mean([measurement.load]), "s"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of the fresh process: one JSON line on standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("factory")
    parser.add_argument("recording", type=Path)
    parser.add_argument("text")
    parser.add_argument("repeats", type=int)
    options = parser.parse_args(arguments)
    measurement = measure_here(options.factory, options.recording, options.text, options.repeats)
    sys.stdout.write(json.dumps(asdict(measurement)) + "\n")


if __name__ == "__main__":
    main()
