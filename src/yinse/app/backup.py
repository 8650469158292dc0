"""Backup and restore that do not resurrect what was deleted.

A backup is two files. `data.tar` holds the database and the objects: ciphertext, of no use without keys; keep
as many as you like. `keys.tar` holds the wrapped keys: it is replaced by every newer backup, so that there is
never more than one to forget. The root key is in neither. A restore is given the ledger of deletions, which is kept
beside the backups; it destroys everything that was deleted since, keys first, revokes what was revoked and ends every
session before the house is in its place. A voice whose key is in neither file stays unreadable for good.
"""

import io
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from yinse.app.administration import house
from yinse.contracts.errors import AlreadyExists, CorruptFile, NotFound
from yinse.contracts.refusals import Conflict, Unsealable
from yinse.contracts.storage import WrappedKey
from yinse.service.keystore.service import RECEIPTS
from yinse.service.operations import ledger
from yinse.service.operations.ledger import Entry, Repeated
from yinse.settings import Settings
from yinse.vault.keyring import Keyring
from yinse.vault.receipts import Signer

DATA, KEYS = "data.tar", "keys.tar"
_DATABASE, _KEY_DATABASE, _OBJECTS = "yinse.sqlite3", "keys.sqlite3", "objects"
_ACTOR = "restore"
_LOGS = ("-wal", "-shm")
"""What SQLite keeps beside an open database."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many voices came back, how many were destroyed again, and how many keys, grants and others revoked."""

    voices: int
    destroyed: int
    revoked: int


def create_backup(settings: Settings, folder: Path) -> bool:
    """Write both files into `folder`, replacing older ones; tell whether the objects are in them (S3's are not).

    Works while the service runs: what is deleted meanwhile may be missing, and its key with it.
    """
    database, keys = _file_of(settings.database_url), _file_of(settings.keys_url)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _archive(folder / DATA) as archive:
        _add(archive, _DATABASE, _snapshot(database))
        if settings.service.s3 is None:
            for path in _files(settings.objects):
                _add_file(archive, path, f"{_OBJECTS}/{path.relative_to(settings.objects)}")
    with _archive(folder / KEYS) as archive:
        _add(archive, _KEY_DATABASE, _snapshot(keys))
    return settings.service.s3 is None


async def read_ledger(settings: Settings) -> list[Entry]:
    """Every deletion so far, to be kept beside backups and given to a restore; of any database."""
    async with house(settings) as ports:
        return await ledger.read(ports)


async def repeat_deletions(settings: Settings, entries: Sequence[Entry]) -> Repeated:
    """Destroy and revoke again what a ledger names, end every session. For databases restored by their own means, and ours.

    Raises `CorruptFile`.
    """
    async with house(settings) as ports:
        return await ledger.repeat(ports, entries, _ACTOR)


async def restore_backup(settings: Settings, folder: Path, deleted: Sequence[Entry]) -> Restored:
    """Restore into a home that holds nothing but the root key (and the secret), or leave it as it was.

    Raises `AlreadyExists` when it is not empty, `NotFound`, `CorruptFile`, and `Conflict` when the root key is
    another one.
    """
    staged = _Staged(settings)
    settings.check()
    staged.require_empty()
    try:
        staged.unpack(folder)
        staged.open_keys(settings, deleted)
        repeated = await repeat_deletions(staged.settings(settings), deleted)
        staged.put_in_place()
    finally:
        staged.remove()
    return Restored(_voices(staged.database), repeated.voices, repeated.revoked)


class _Staged:
    """A restored house beside where it belongs, until all of it is good."""

    def __init__(self, settings: Settings) -> None:
        self.database, self.keys = _file_of(settings.database_url), _file_of(settings.keys_url)
        self.objects = settings.objects
        self._database, self._keys = _beside(self.database), _beside(self.keys)
        self._objects = _beside(self.objects)

    def require_empty(self) -> None:
        """Refuse to overwrite."""
        for path in (self.database, self.keys):
            if path.exists():
                raise AlreadyExists(f"{path} exists; restore into an empty home.")
        if self.objects.is_dir() and any(self.objects.iterdir()):
            raise AlreadyExists(f"{self.objects} holds objects; restore into an empty home.")

    def unpack(self, folder: Path) -> None:
        """Bring both files of a backup here."""
        for path in (self.database, self.keys, self.objects):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._objects.mkdir(mode=0o700)
        _unpack(folder / DATA, {_DATABASE: self._database}, self._objects)
        _unpack(folder / KEYS, {_KEY_DATABASE: self._keys}, None)

    def open_keys(self, settings: Settings, deleted: Sequence[Entry]) -> None:
        """Raise `Conflict` unless the root key here opens the keys, `CorruptFile` for a ledger of another house."""
        if settings.vault.source == "file" and not settings.vault.file(settings.home).exists():
            raise Conflict(f"Put the root key at {settings.vault.file(settings.home)} first.")
        keyring = Keyring(settings.vault.provider(settings.home))
        with closing(sqlite3.connect(self._keys)) as connection:
            rows = connection.execute("select name, wrapper, ciphertext from house_keys").fetchall()
        try:
            secrets = {name: keyring.unwrap_secret(name, WrappedKey(*key)) for name, *key in rows}
        except Unsealable as error:
            raise Conflict("The root key here is not the one of this backup.") from error
        if RECEIPTS not in secrets:
            raise CorruptFile("This backup lacks the key that its deletions are signed with.")
        ledger.check(deleted, Signer(secrets[RECEIPTS]).public)

    def settings(self, settings: Settings) -> Settings:
        """How the house is opened while it lies here."""
        where = {
            "database_url": f"sqlite+aiosqlite:///{self._database}",
            "keys_url": f"sqlite+aiosqlite:///{self._keys}",
            "objects": self._objects,
        }
        return settings.model_copy(update={"service": settings.service.model_copy(update=where)})

    def put_in_place(self) -> None:
        """The keys come last: without them nothing speaks."""
        if self.objects.is_dir():
            self.objects.rmdir()
        for file in (self._database, self._keys):
            _close_log(file)
        self._objects.replace(self.objects)
        self._database.replace(self.database)
        self._keys.replace(self.keys)

    def remove(self) -> None:
        """Leave nothing behind."""
        if self._objects.is_dir():
            shutil.rmtree(self._objects)
        for file in (self._database, self._keys):
            for name in (file.name, *(f"{file.name}{end}" for end in _LOGS)):
                file.with_name(name).unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.restoring")


def _close_log(database: Path) -> None:
    """Have everything in the file itself: the log beside it does not move with it. Raises `Conflict` where it is in use."""
    with closing(sqlite3.connect(database)) as connection:
        busy, _, _ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
    if busy:
        raise Conflict(f"{database} is in use.")


def _voices(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        statement = "select count(*) from voices where state != 'deleted' and account_id != 'house'"
        return int(connection.execute(statement).fetchone()[0])


def _file_of(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Conflict(
            "This copies SQLite; docs/operations.md says how PostgreSQL is backed up and restored."
        )
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
    """A tar file for its owner alone, that appears whole or not at all."""
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, io.BytesIO(data))


def _files(folder: Path) -> list[Path]:
    """Every file below a folder. Folders that are removed meanwhile are passed over, at which `rglob` breaks."""
    return sorted(Path(place) / name for place, _, names in os.walk(folder) for name in names)


def _add_file(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """Add an object, unless it was purged since its folder was listed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    _add(archive, name, data)


def _unpack(path: Path, files: dict[str, Path], objects: Path | None) -> None:
    """Unpack a backup's file; every one of `files` must be in it. Raises `NotFound`, `CorruptFile`."""
    if not path.exists():
        raise NotFound(f"There is no {path}.")
    try:
        with tarfile.open(path) as archive:
            for entry in archive:
                body = archive.extractfile(entry)
                if body is None:
                    continue
                target = files.get(entry.name) or _object(entry.name, objects)
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                target.write_bytes(body.read())
    except tarfile.TarError as error:
        raise CorruptFile(f"{path} is damaged.") from error
    if missing := [name for name, target in files.items() if not target.exists()]:
        raise CorruptFile(f"{path} is damaged: it lacks {', '.join(missing)}.")


def _object(name: str, objects: Path | None) -> Path:
    """Where an object goes; a name that leads elsewhere is refused."""
    if objects is None or not name.startswith(f"{_OBJECTS}/"):
        raise CorruptFile(f"This backup holds {name!r}, which does not belong there.")
    target = (objects / name.removeprefix(f"{_OBJECTS}/")).resolve()
    if not target.is_relative_to(objects.resolve()):
        raise CorruptFile(f"This backup holds {name!r}, which leads out of its folder.")
    return target
