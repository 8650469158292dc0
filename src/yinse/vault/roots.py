"""Where the root key comes from: a file or the environment. A KMS implements the same Protocol."""

import base64
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from yinse.contracts.errors import CorruptFile, NotFound
from yinse.contracts.refusals import InsecureConfiguration, Unsealable
from yinse.contracts.storage import WrappedKey
from yinse.vault.sealing import Secret, open_sealed, seal


class LocalRoot:
    """Root keys held in this process, by version; the active one wraps, every one unwraps."""

    def __init__(self, keys: Mapping[str, Secret], active: str) -> None:
        if active not in keys:
            raise NotFound(f"The active root key {active!r} is not among the root keys.")
        self._keys = dict(keys)
        self._active = active

    @property
    def active(self) -> str:
        """Name of the version that wraps new keys."""
        return self._active

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        """Encrypt a key under the active version."""
        return WrappedKey(self._active, seal(self._keys[self._active], key, b"root|" + context))

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        """Decrypt a key. Raises `Unsealable` when its version is gone, or it is bound elsewhere."""
        if wrapped.wrapper not in self._keys:
            raise Unsealable(f"The root key {wrapped.wrapper!r} is not here.")
        return open_sealed(self._keys[wrapped.wrapper], wrapped.ciphertext, b"root|" + context)


class FileRoot:
    """Root keys in a file, read again when the file changes: a rotation reaches every running process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root, self._read = _root_in(path), _state(path)

    @property
    def active(self) -> str:
        """Name of the version that wraps new keys."""
        return self._fresh().active

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        """Encrypt a key under the active version."""
        return self._fresh().wrap(key, context)

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        """Decrypt a key. Raises `Unsealable` when its version is gone, or it is bound elsewhere."""
        return self._fresh().unwrap(wrapped, context)

    def _fresh(self) -> LocalRoot:
        if (state := _state(self._path)) != self._read:
            self._root, self._read = _root_in(self._path), state
        return self._root


def _state(path: Path) -> tuple[int, int]:
    """What changes when the file is replaced."""
    found = path.stat()
    return found.st_mtime_ns, found.st_ino


def root_from_environment(value: str) -> LocalRoot:
    """Read one base64 key of 32 bytes. Raises `InsecureConfiguration` for anything else."""
    try:
        raw = base64.b64decode(value, validate=True)
    except ValueError as error:
        raise InsecureConfiguration("The root key in the environment is not base64.") from error
    if len(raw) != 32:
        raise InsecureConfiguration("The root key in the environment must be 32 bytes in base64.")
    return LocalRoot({"environment": Secret(raw)}, "environment")


def root_from_file(path: Path) -> FileRoot:
    """Read a root key file, creating it (mode 0600) when it does not exist; of several processes, one does."""
    if not path.exists():
        with written(path, _encoded({"1": Secret.random()}, "1")) as partial, suppress(FileExistsError):
            path.hardlink_to(partial)
    return FileRoot(path)


def _root_in(path: Path) -> LocalRoot:
    try:
        body = json.loads(path.read_text())
        keys = {name: Secret(base64.b64decode(text)) for name, text in body["keys"].items()}
        return LocalRoot(keys, body["active"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptFile(f"The root key file {path} cannot be read; restore it from your copy.") from error


def rotate_root_file(path: Path) -> FileRoot:
    """Add a fresh root key and make it active; older ones stay to unwrap until everything is rewrapped."""
    root_from_file(path)
    body = json.loads(path.read_text())
    keys = {name: Secret(base64.b64decode(text)) for name, text in body["keys"].items()}
    fresh = str(max(int(name) for name in keys) + 1)
    _write(path, {**keys, fresh: Secret.random()}, fresh)
    return root_from_file(path)


def retire_root_keys(path: Path) -> FileRoot:
    """Remove every root key but the active one, once nothing is wrapped under the others."""
    body = json.loads(path.read_text())
    active = body["active"]
    _write(path, {active: Secret(base64.b64decode(body["keys"][active]))}, active)
    return root_from_file(path)


def _write(path: Path, keys: Mapping[str, Secret], active: str) -> None:
    with written(path, _encoded(keys, active)) as partial:
        partial.replace(path)


def _encoded(keys: Mapping[str, Secret], active: str) -> str:
    encoded = {name: base64.b64encode(key.reveal()).decode() for name, key in keys.items()}
    return json.dumps({"active": active, "keys": encoded}, indent=1)


@contextmanager
def written(path: Path, text: str) -> Iterator[Path]:
    """A whole secret file (mode 0600) beside its place, to be put there by the block; gone after it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(
        prefix=f"{path.name}.", suffix=".partial", dir=path.parent
    )  # mode 0600
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield partial
    finally:
        partial.unlink(missing_ok=True)
