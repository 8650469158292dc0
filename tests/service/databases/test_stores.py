"""One contract for every blob store: a folder, memory, and a real S3-speaking server."""

import asyncio
import urllib.request

import pytest

from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import BackendFailed
from yinse.service.objects.store import folder, memory, s3
from yinse.service.options import S3Options


@pytest.fixture(params=["folder", "memory", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return folder(tmp_path / "objects")
    if request.param == "memory":
        return memory()
    endpoint = request.getfixturevalue("s3_endpoint")
    bucket = urllib.request.Request(f"{endpoint}/voices", method="PUT")
    urllib.request.urlopen(bucket, timeout=30).close()
    options = S3Options(
        bucket="voices", endpoint=endpoint, access_key="key", secret_key="secret", allow_http=True
    )
    return s3(options)


async def chunks(*parts):
    for part in parts:
        yield part


async def read(store, path):
    return b"".join([chunk async for chunk in store.get(path)])


def test_what_was_put_is_read_back(store):
    async def run():
        size = await store.put("a/v/one", chunks(b"abc", b"", b"d" * 300_000))
        return size, await read(store, "a/v/one")

    assert asyncio.run(run()) == (300_003, b"abc" + b"d" * 300_000)


def test_a_large_object_goes_in_parts(store):
    async def run():
        size = await store.put("a/v/large", chunks(*[bytes([n]) * (1 << 20) for n in range(18)]))
        return size, await read(store, "a/v/large")

    size, data = asyncio.run(run())
    assert size == len(data) == 18 << 20
    assert data[:1] + data[-1:] == bytes([0, 17])


def test_nothing_stays_of_what_broke_off(store):
    async def broken():
        yield b"x" * (9 << 20)
        raise ConnectionAbortedError("the client left")

    async def run():
        with pytest.raises((ConnectionAbortedError, BackendFailed)):
            await store.put("b/v/broken", broken())
        with pytest.raises(NotFound):
            await read(store, "b/v/broken")
        return [path async for path in store.list("b")]

    assert asyncio.run(run()) == []


def test_putting_again_replaces(store):
    async def run():
        await store.put("a/v/one", chunks(b"old"))
        await store.put("a/v/one", chunks(b"new"))
        return await read(store, "a/v/one")

    assert asyncio.run(run()) == b"new"


def test_deleting_is_final_and_may_be_repeated(store):
    async def run():
        await store.put("a/v/one", chunks(b"x"))
        await store.delete("a/v/one")
        await store.delete("a/v/one")
        with pytest.raises(NotFound):
            await read(store, "a/v/one")

    asyncio.run(run())


def test_listing_stays_within_its_folder(store):
    async def run():
        for path in ("acct/v1/a", "acct/v1/b", "acct/v10/c", "other/v1/d"):
            await store.put(path, chunks(b"x"))
        found = sorted([path async for path in store.list("acct/v1")])
        for path in ("acct/v1/a", "acct/v1/b", "acct/v10/c", "other/v1/d"):
            await store.delete(path)
        return found

    assert asyncio.run(run()) == ["acct/v1/a", "acct/v1/b"]
