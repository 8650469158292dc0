"""Which engine answers, and how much of the machine it may take."""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ServingOptions(BaseModel):
    """The engine behind the service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["local", "fake"] = Field(
        default="local", description="fake speaks tones, for development"
    )
    weights: Path | None = Field(
        default=None, description="bundle of the base voice; default: the shipped one"
    )
    streams: int = Field(default=32, ge=1, description="utterances spoken at once; more are refused")
    processes: int | None = Field(
        default=None,
        ge=0,
        description="engine processes that speak, beside one that listens; default: one a core; 0: none, the "
        "engine lives in the service's own process",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        description="steps computed at once in one process, a core each; default: every core",
    )
    cache_bytes: int = Field(default=256 * 1024 * 1024, ge=0, description="opened voices kept in memory")
    adapted_bytes: int = Field(
        default=512 * 1024 * 1024, ge=0, description="weights of adapted voices kept in memory"
    )

    @property
    def engine_processes(self) -> int:
        """How many processes speak; none where sockets cannot be handed to a process."""
        if os.name != "posix":
            return 0
        return cores() if self.processes is None else self.processes


_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """Cores that this process may use: of the machine, or what a container is allowed of them (cgroup v2)."""
    machine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not _QUOTA.is_file():
        return machine
    quota, period = _QUOTA.read_text("ascii").split()
    return machine if quota == "max" else max(1, min(machine, int(quota) // int(period)))
