"""Memory of loaded models: what only loading needed goes back to the system or its file, what stays moves to large pages.

Decoding reads every weight for every token, more than the processor keeps the addresses of when a page is 4 kB. Most
systems give large pages only to those who ask (`transparent_hugepage/enabled` is `madvise`); the allocator does not.
"""

import ctypes
import mmap
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

DENSE: Final = 0.9
"""Share of a large page that must be in memory already; moving emptier ones would fill memory with zeros."""
COLLAPSE: Final = 25
"""`MADV_COLLAPSE` of Linux 6.1 and later; Python has no name for it. Unlike `MADV_HUGEPAGE` it moves what is there and leaves
what comes later alone, which may be small and would take a large page."""
SIZE_FILE: Final = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")


def settle() -> None:
    """After loading: return freed memory, and move the rest to large pages. Where the system cannot, nothing happens."""
    give_back()
    to_large_pages()


def give_back() -> None:
    """Return freed memory to the system at once. The C library of most Linux systems keeps it otherwise; others do not."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(ctypes.c_size_t(0))


def let_go(files: Collection[Path]) -> None:
    """Take what was read of mapped files out of this process's memory; whoever still needs it reads it again.

    Only for mappings that nobody writes to, as those of weights: what was written would be lost.
    """
    advise, names = _function("madvise"), {str(file.resolve()) for file in files}
    try:
        mappings = list(_mappings()) if advise else []
    except OSError:  # no Linux, or a container that hides its own memory
        return
    for start, end, _, name in mappings:
        if name in names:
            advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)


def to_large_pages() -> int:
    """Move this process's dense memory to large pages; returns how many bytes are on them now that were asked for.

    A page is moved only whole, and only where it holds nearly as much already, so no memory is added to speak of.
    """
    advise, moved = _function("madvise"), 0
    try:
        ranges = list(_dense_ranges(int(SIZE_FILE.read_text()))) if advise else []
    except OSError:  # no Linux, no large pages, or a container that hides its own memory
        return 0
    for start, end in ranges:
        moved += (end - start) * (advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), COLLAPSE) == 0)
    return moved


def _dense_ranges(size: int) -> Iterator[tuple[int, int]]:
    """Addresses of private memory, in whole large pages that are nearly full."""
    small = mmap.PAGESIZE
    with Path("/proc/self/pagemap").open("rb", buffering=0) as pages:
        for start, end in list(_private_ranges()):
            first, last = -(-start // size) * size, end // size * size
            if first >= last:
                continue
            entries = os.pread(pages.fileno(), (last - first) // small * 8, first // small * 8)
            if len(entries) < (last - first) // small * 8:  # a signal came between
                continue
            present = np.frombuffer(entries, np.uint64).reshape(-1, size // small) >> np.uint64(63)
            dense = np.concatenate([[0], present.mean(1) >= DENSE, [0]]).astype(np.int8)
            for opened, closed in np.flatnonzero(np.diff(dense)).reshape(-1, 2).tolist():
                yield first + opened * size, first + closed * size


def _private_ranges() -> Iterator[tuple[int, int]]:
    """Memory that is written by this process alone and backed by no file."""
    for start, end, rights, name in _mappings():
        if rights == "rw-p" and name in ("", "[heap]"):
            yield start, end


def _mappings() -> Iterator[tuple[int, int, str, str]]:
    """Ranges of addresses: start, end, rights, and the file that lies there or what else it is called."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, _, _, _, *name = line.split(maxsplit=5)
        start, end = addresses.split("-")
        yield int(start, 16), int(end, 16), rights, name[0] if name else ""


def _function(name: str) -> Any:
    """A function of the C library, or None where there is none."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
