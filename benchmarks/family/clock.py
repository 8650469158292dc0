"""Clocks that can be trusted on a machine that does other things too."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SLOW: Final = 4.0
"""Seconds of a warm-up after which one round has to do, so that everything stays within a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of several rounds of the same work: by the clock on the wall, and of processor time.

    Where other programs take turns on the cores, the wall's median says what a user of this machine sees; the
    processor's says what the work costs, whoever else is there.
    """

    median: float
    best: float
    processor: float

    def __post_init__(self) -> None:
        if min(self.median, self.best, self.processor) < 0:
            raise ValueError("time runs forwards")


def clocked(work: Callable[[], object], rounds: int) -> Timing:
    """Do the work once to warm up, then `rounds` times on the clock; once where the warm-up was slow."""
    begin = time.perf_counter()
    work()
    wall, processor = [], []
    for _ in range(rounds if time.perf_counter() - begin < SLOW else 1):
        start, spent = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - spent)
    return Timing(statistics.median(wall), min(wall), statistics.median(processor))


def resident_mb() -> float:
    """Memory that this process holds now."""
    return _status_mb("VmRSS")


def peak_mb() -> float:
    """The most memory that this process held, ever or since `forget_peak`."""
    return _status_mb("VmHWM")


def forget_peak() -> None:
    """Let the peak begin again at what is held now; Linux only, as all of this."""
    Path("/proc/self/clear_refs").write_text("5")


def _status_mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not tell how much memory the process holds")
