"""What the figures were measured on."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, cores, memory, system, versions and date."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    torch: str
    date: str

    def sentence(self) -> str:
        """One line for a table."""
        return (
            f"{self.date}, {self.processor}, {self.cores} cores, {self.memory_gb:.0f} GB, {self.system}, "
            f"Python {self.python}, torch {self.torch}"
        )


def this_machine() -> Machine:
    """Describe the machine that runs this process."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Machine(
        processor(), len(os.sched_getaffinity(0)), round(memory, 1), platform.system(),
        platform.python_version(), version("torch"), datetime.now(UTC).date().isoformat(),
    )  # fmt: skip


def processor() -> str:
    """The processor's own name where the system tells it."""
    listing = Path("/proc/cpuinfo")
    names = [
        line.split(":", 1)[1].strip()
        for line in (listing.read_text().splitlines() if listing.exists() else [])
        if line.startswith("model name")
    ]
    return names[0] if names else platform.machine()
