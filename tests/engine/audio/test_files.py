import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from yinse.contracts.errors import StorageFull
from yinse.engine.audio.decode import decode
from yinse.engine.audio.encode import write_wav
from yinse.engine.audio.files import write_atomic
from yinse.engine.audio.waveform import Waveform


@contextmanager
def _file_size_limit(limit: int) -> Iterator[None]:
    """Let the operating system refuse files beyond `limit` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_wav_is_written_and_read_back(tmp_path: Path) -> None:
    samples = np.linspace(-0.5, 0.5, 1600, dtype=np.float32)
    write_wav(tmp_path / "new" / "a.wav", Waveform(samples, 16_000))
    back = decode(tmp_path / "new" / "a.wav")
    assert back.rate == 16_000
    assert np.allclose(back.samples, samples, atol=1e-4)


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_other_threads_keep_their_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the whole process's: whoever makes a file while it is zero makes one that anybody may write."""
    changed: list[int] = []
    monkeypatch.setattr(os, "umask", lambda mask: changed.append(mask) or 0o022)
    write_atomic(tmp_path / "a", b"x")
    assert changed == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with _file_size_limit(1000), pytest.raises(StorageFull) as caught:
        write_atomic(path, bytes(5000))
    assert caught.value.code == "storage_full"
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_every_way_of_being_full_is_storage_full(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageFull):
        write_atomic(tmp_path / "a.bin", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_forbidden_folder_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageFull) as caught:
        write_atomic(tmp_path / "a.bin", b"new")
    assert caught.value.code == "not_writable"


def test_a_folder_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageFull, match="cannot be written"):
        write_atomic(tmp_path / "file" / "a.bin", b"new")


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "a.bin", b"new")
    assert list(tmp_path.iterdir()) == []
