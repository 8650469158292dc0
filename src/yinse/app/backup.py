"""Backup and restore that do not resurrect what was deleted.

A backup is two files. `data.tar` holds the database and the objects: ciphertext, of no use without keys; keep
as many as you like. `keys.tar` holds the wrapped keys: it is replaced by every newer backup, so that there is
never more than one to forget. The root key is in neither. A restore reads the deletion ledger of the house it
restores into and destroys the keys of every voice that was deleted since; a voice whose key is in neither
file stays unreadable for good.
"""

import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from yinse.contracts.errors import AlreadyExists, CorruptFile, NotFound
from yinse.contracts.refusals import Conflict
from yinse.settings import Settings
from yinse.vault.receipts import verify

DATA, KEYS, LEDGER = "data.tar", "keys.tar", "ledger.json"


@dataclass(frozen=True, slots=True)
class Restored:
    """How many voices came back, and how many were destroyed again."""

    voices: int
    destroyed: int


def create_backup(settings: Settings, folder: Path) -> None:
    """Write both files into `folder`, replacing older ones. Works while the service runs."""
    database, keys = _file_of(settings.database_url), _file_of(settings.keys_url)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _archive(folder / DATA) as archive:
        _add(archive, "yinse.sqlite3", _snapshot(database))
        if settings.objects.is_dir():
            archive.add(settings.objects, "objects")
    with _archive(folder / KEYS) as archive:
        _add(archive, "keys.sqlite3", _snapshot(keys))


def export_ledger(settings: Settings, file: Path) -> int:
    """Write every deletion receipt with the key to check it, to be kept beside backups; return how many."""
    rows = _receipts(_file_of(settings.database_url))
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1))
    return len(rows)


def restore_backup(settings: Settings, folder: Path, ledger: Path | None, public_key: str | None) -> Restored:
    """Restore into an empty home. Raises `AlreadyExists` when it is not empty, `CorruptFile`, `Conflict`.

    Deletions come from `ledger` (checked against `public_key`) and from the backup itself.
    """
    database, keys = _file_of(settings.database_url), _file_of(settings.keys_url)
    for path in (database, keys):
        if path.exists():
            raise AlreadyExists(f"{path} exists; restore into an empty home.")
    deleted = _deleted(ledger, public_key)
    settings.prepare()
    _unpack(folder / DATA, {"yinse.sqlite3": database}, settings.objects)
    _unpack(folder / KEYS, {"keys.sqlite3": keys}, None)
    deleted |= {str(row["statement"]["voice_id"]) for row in _receipts(database)}
    return _destroy(database, keys, deleted)


def _destroy(database: Path, keys: Path, deleted: set[str]) -> Restored:
    with closing(sqlite3.connect(keys)) as connection, connection:
        connection.execute("pragma secure_delete=on")
        living = {row[0] for row in connection.execute("select voice_id from voice_keys")}
        again = sorted(living & deleted)
        connection.executemany("delete from voice_keys where voice_id = ?", [(voice,) for voice in again])
    with closing(sqlite3.connect(database)) as connection, connection:
        for voice in sorted(deleted):
            connection.execute("update voices set state = 'deleted', name = '' where id = ?", (voice,))
            connection.execute("delete from generations where voice_id = ?", (voice,))
    return Restored(len(living - deleted), len(again))


def _deleted(ledger: Path | None, public_key: str | None) -> set[str]:
    """Voices that a ledger says were deleted; a forged line stops everything."""
    if ledger is None:
        return set()
    deleted = set()
    for row in json.loads(ledger.read_text()):
        if public_key is not None and not verify(row["statement"], row["signature"], public_key):
            raise CorruptFile("The deletion ledger holds a receipt that was not signed by this house.")
        deleted.add(str(row["statement"]["voice_id"]))
    return deleted


def _receipts(database: Path) -> list[dict[str, dict[str, object]]]:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select statement, signature from receipts order by id").fetchall()
    return [{"statement": json.loads(statement), "signature": signature} for statement, signature in rows]


def _file_of(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Conflict("This backs up SQLite; for PostgreSQL use pg_dump, without the tables *_keys.")
    return Path(parsed.database)


def _snapshot(path: Path) -> bytes:
    """A consistent copy of a database in use."""
    if not path.exists():
        raise NotFound(f"There is no database at {path}.")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        return copy.serialize()


@contextmanager
def _archive(path: Path) -> Iterator[tarfile.TarFile]:
    """A tar file that appears whole or not at all."""
    partial = path.with_suffix(".partial")
    try:
        with tarfile.open(partial, "w") as archive:
            yield archive
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, io.BytesIO(data))


def _unpack(path: Path, files: dict[str, Path], objects: Path | None) -> None:
    if not path.exists():
        raise NotFound(f"There is no {path}.")
    with tarfile.open(path) as archive:
        for entry in archive:
            body = archive.extractfile(entry)
            if body is None:
                continue
            target = files.get(entry.name) or _object(entry.name, objects)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            target.write_bytes(body.read())


def _object(name: str, objects: Path | None) -> Path:
    """Where an object goes; a name that leads elsewhere is refused."""
    if objects is None or not name.startswith("objects/"):
        raise CorruptFile(f"This backup holds {name!r}, which does not belong there.")
    target = (objects / name.removeprefix("objects/")).resolve()
    if not target.is_relative_to(objects.resolve()):
        raise CorruptFile(f"This backup holds {name!r}, which leads out of its folder.")
    return target
