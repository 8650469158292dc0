"""Blob stores over obstore: a folder, memory, or S3. They only ever see ciphertext."""

import errno
from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from yinse.contracts.errors import NotFound, StorageFull
from yinse.contracts.refusals import BackendFailed
from yinse.service.options import S3Options

_PART = 8 * 1024 * 1024
_READ = 256 * 1024


class ObjectStoreBlobs:
    """The `BlobStore` of contracts over any obstore store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, path: str, chunks: AsyncIterator[bytes]) -> int:
        """Store all chunks or nothing."""
        size = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                yield chunk

        try:
            await obstore.put_async(self._store, path, counted(), use_multipart=True, chunk_size=_PART)
        except (BaseError, OSError) as error:
            raise _translated(error, path) from error
        return size

    async def get(self, path: str) -> AsyncIterator[bytes]:
        """Yield the bytes in order."""
        try:
            found = await obstore.get_async(self._store, path)
            async for chunk in found.stream(min_chunk_size=_READ):
                yield bytes(chunk)
        except (BaseError, OSError) as error:
            raise _translated(error, path) from error

    async def delete(self, path: str) -> None:
        """Remove it; no error when it is not there."""
        try:
            await obstore.delete_async(self._store, path)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _translated(error, path) from error

    async def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield every path under a folder."""
        async for batch in obstore.list(self._store, prefix=prefix or None):
            for item in batch:
                yield item["path"]


def folder(path: Path) -> ObjectStoreBlobs:
    """Objects as files under `path`."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return ObjectStoreBlobs(LocalStore(path, automatic_cleanup=True))


def memory() -> ObjectStoreBlobs:
    """Objects that die with the process, for tests."""
    return ObjectStoreBlobs(MemoryStore())


def s3(options: S3Options) -> ObjectStoreBlobs:
    """Objects in a bucket."""
    secret = options.secret_key.get_secret_value() if options.secret_key else None
    access = options.access_key.get_secret_value() if options.access_key else None
    config = {
        "endpoint": options.endpoint,
        "region": options.region,
        "access_key_id": access,
        "secret_access_key": secret,
    }
    present = {name: value for name, value in config.items() if value is not None}
    return ObjectStoreBlobs(
        S3Store(options.bucket, client_options={"allow_http": options.allow_http}, **present)  # type: ignore[arg-type]
    )


def _translated(error: Exception, path: str) -> Exception:
    if isinstance(error, FileNotFoundError):
        return NotFound(f"The object {path} is not in the store.")
    text = str(error)
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in text or "os error 28" in text:
        return StorageFull("The object store is full; nothing was kept.")
    return BackendFailed("The object store does not answer.")
