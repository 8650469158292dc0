import ctypes
import sys
from pathlib import Path

import pytest
import torch

from yinse.engine.checkpoints.memory import give_back

MEGABYTE = 2**20


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc"
)
def test_what_was_freed_leaves_the_process() -> None:
    held = [torch.ones(25_000) for _ in range(2000)]
    kept = held[-1]
    full = resident()
    del held
    give_back()
    assert resident() < full - 100 * MEGABYTE
    assert float(kept.sum()) == 25_000


def test_a_system_without_it_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    give_back()
