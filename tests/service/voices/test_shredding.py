"""After deletion a copy of everything on disk does not open; nor does a ciphertext moved to another row."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from yinse.contracts.refusals import Unsealable
from yinse.contracts.storage import ObjectRef
from yinse.service.db import Database
from yinse.service.keystore.service import KeyStore
from yinse.service.objects.store import folder
from yinse.vault.keyring import Keyring
from yinse.vault.roots import root_from_file


def read_back(home: Path, ref: ObjectRef, account_id: str, voice_id: str) -> bytes:
    """Open an object from a copy of the disk, with every key that lies there."""

    async def run() -> bytes:
        database = Database(f"sqlite+aiosqlite:///{home}/keys.sqlite3")
        keyring = Keyring(root_from_file(home / "root.json"))
        try:
            chain = await KeyStore(database, keyring).voice(account_id, voice_id)
            plain = keyring.get(folder(home / "objects"), chain, ref)
            return b"".join([chunk async for chunk in plain])
        finally:
            await database.close()

    return asyncio.run(run())


def objects(house, voice_id):
    from yinse.service.voices import repository

    async def run():
        async with house.ports.database.transaction(write=False) as session:
            return [row.ref for row in await repository.objects(session, voice_id)]

    return house.run(run)


def test_a_copy_taken_after_deletion_does_not_open(house, ann, voices, tmp_path_factory):
    voice_id = voices.ready(ann)
    refs = objects(house, voice_id)
    before, after = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after")
    shutil.copytree(house.home, before, dirs_exist_ok=True)
    assert read_back(before, refs[0], ann.account_id, voice_id).startswith(b"RIFF")

    ann.delete(f"/v1/voices/{voice_id}")
    shutil.copytree(house.home, after, dirs_exist_ok=True)
    shutil.copytree(before / "objects", after / "objects", dirs_exist_ok=True)
    for ref in refs:
        with pytest.raises(Unsealable):
            read_back(after, ref, ann.account_id, voice_id)


def test_the_wrapped_key_is_in_no_byte_of_the_key_database(house, ann, voices):
    voice_id = voices.ready(ann)
    with sqlite3.connect(house.home / "keys.sqlite3") as connection:
        (wrapped,) = connection.execute(
            "select ciphertext from voice_keys where voice_id = ?", (voice_id,)
        ).fetchone()
    connection.close()
    assert any(wrapped in path.read_bytes() for path in house.home.glob("keys.sqlite3*"))
    ann.delete(f"/v1/voices/{voice_id}")
    for path in house.home.glob("keys.sqlite3*"):
        assert wrapped not in path.read_bytes(), path


def test_a_ciphertext_moved_to_another_row_does_not_open(house, ann, bob, voices):
    mine, theirs = voices.ready(ann), voices.ready(bob, pitch=300)
    victim, thief = objects(house, theirs)[0], objects(house, mine)[0]
    store = house.home / "objects"
    shutil.copy(store / victim.path, store / thief.path)
    with pytest.raises(Unsealable):
        read_back(house.home, thief, ann.account_id, mine)
    played = None
    try:
        played = ann.get(f"/v1/voices/{mine}/recordings/{thief.object_id}/audio").content
    except Unsealable:
        played = b""
    assert b"RIFF" not in played


def test_keys_rotate_under_living_voices(house, ann, voices):
    voice_id = voices.ready(ann)
    ref = objects(house, voice_id)[0]
    assert house.run(house.ports.keys.rotate_account, ann.account_id) == 1
    assert read_back(house.home, ref, ann.account_id, voice_id).startswith(b"RIFF")


def test_a_failed_upload_leaves_no_key(house, ann):
    ann.post("/v1/voices", data={"name": "x"}, files={"files": ("x", b"not audio at all")})
    with sqlite3.connect(house.home / "keys.sqlite3") as connection:
        assert connection.execute("select count(*) from voice_keys").fetchone() == (0,)
    connection.close()
