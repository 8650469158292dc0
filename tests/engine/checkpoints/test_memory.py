import ctypes
import mmap
import platform
import sys
from pathlib import Path

import pytest
import torch

from yinse.engine.checkpoints import memory

MEGABYTE = 2**20
SETTING = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


def large_pages_wanted() -> bool:
    version = (
        tuple(int(part) for part in platform.release().split(".")[:2]) if sys.platform == "linux" else (0,)
    )
    return version >= (6, 1) and SETTING.exists() and "[never]" not in SETTING.read_text()


large = pytest.mark.skipif(not large_pages_wanted(), reason="needs large pages and Linux 6.1")


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc"
)
def test_what_was_freed_leaves_the_process() -> None:
    held = [torch.ones(25_000) for _ in range(2000)]
    kept = held[-1]
    full = resident()
    del held
    memory.give_back()
    assert resident() < full - 100 * MEGABYTE
    assert float(kept.sum()) == 25_000


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_what_was_read_of_a_mapped_file_leaves_and_is_read_again(tmp_path: Path) -> None:
    weights, other = (torch.full((8 * MEGABYTE,), value) for value in (1.0, 2.0))
    torch.save(weights, tmp_path / "mapped.bin")
    torch.save(other, tmp_path / "kept.bin")
    mapped, kept = (torch.load(tmp_path / name, mmap=True) for name in ("mapped.bin", "kept.bin"))
    assert torch.equal(mapped, weights)
    assert torch.equal(kept, other)
    full = resident()
    memory.let_go([tmp_path / "mapped.bin"])
    assert full - 40 * MEGABYTE < resident() < full - 24 * MEGABYTE
    assert torch.equal(mapped, weights)


@large
def test_weights_move_to_large_pages_unchanged() -> None:
    weights = torch.randn(16 * MEGABYTE, generator=torch.Generator().manual_seed(0))
    expected = weights.numpy().tobytes()
    before = resident()
    assert memory.to_large_pages() >= 60 * MEGABYTE
    assert weights.numpy().tobytes() == expected
    assert resident() < before + 100 * MEGABYTE


@large
def test_memory_with_holes_is_not_filled() -> None:
    area = mmap.mmap(-1, 256 * MEGABYTE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for offset in range(0, len(area), 2 * MEGABYTE):
        area[offset] = 1
    before = resident()
    memory.to_large_pages()
    assert resident() < before + 32 * MEGABYTE
    assert area[2 * MEGABYTE] == 1


def refused(*_: object) -> bytes:
    raise PermissionError


def test_a_system_without_either_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as without_pages:
        without_pages.setattr(memory, "SIZE_FILE", tmp_path / "absent")
        assert memory.to_large_pages() == 0
    with monkeypatch.context() as hidden:
        hidden.setattr(memory.os, "pread", refused)
        assert memory.to_large_pages() == 0
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(memory, "_mappings", refused)
        memory.let_go([tmp_path])
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory.give_back()
    memory.let_go([tmp_path])
    assert memory.to_large_pages() == 0
