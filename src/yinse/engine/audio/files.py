"""Whole files or none: what is written appears under its name only once it is complete."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from yinse.contracts.errors import StorageFull

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_WRITABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG}
)


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path` through a temporary neighbour and a rename.

    Raises `StorageFull` when the disk is full or not writable; the old file, if any, is then untouched.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb", opener=_for_others_to_read) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _in_the_users_words(error, path) from error
        raise


def _for_others_to_read(path: str, flags: int) -> int:
    """Open a new file that the umask may narrow; asking for the umask would change it for a moment, in every thread."""
    return os.open(path, flags, 0o644)


def _in_the_users_words(error: OSError, path: Path) -> Exception:
    if error.errno in _NO_ROOM:
        return StorageFull(f"No room left to write {path}. Free some space and try again; nothing was kept.")
    if error.errno in _NOT_WRITABLE:
        return StorageFull(f"{path} cannot be written: choose another place for it.", code="not_writable")
    return error
