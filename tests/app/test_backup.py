"""A restored house speaks as before, and what was deleted since the backup is dead in it, in every byte."""

import asyncio
import io
import json
import os
import sqlite3
import stat
import subprocess
import tarfile
import urllib.request

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import make_url

from app.conftest import key_of, make_voice, say
from app.restoring import ledger_of, moved, restored, waits_for
from app.rights import Rights
from service.conftest import stored
from service.databases.conftest import postgres, postgres_programs, s3_endpoint  # noqa: F401 - fixtures
from yinse.app import administration, backup
from yinse.app.api import create_app
from yinse.app.backup import create_backup, repeat_deletions, restore_backup
from yinse.contracts.errors import AlreadyExists, CorruptFile, NotFound
from yinse.contracts.refusals import Conflict, Unsealable
from yinse.service.db import Database
from yinse.service.operations.ledger import Entry, parse, written
from yinse.service.options import S3Options
from yinse.service.principal import Role, Scope
from yinse.service.voices.tables import VoiceRow


def wrapped_key(settings, voice):
    with sqlite3.connect(settings.vault_folder / "keys.sqlite3") as connection:
        rows = connection.execute("select ciphertext from voice_keys where voice_id = ?", (voice,)).fetchall()
    connection.close()
    return rows[0][0] if rows else None


def files_of(home):
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def objects_of(settings, voice):
    return [path for path in stored(settings.home) if voice in path.parts]


@pytest.fixture
def story(settings, tmp_path):
    """Two voices, a backup, and then one of them is deleted."""
    headers, folder = key_of(settings), tmp_path / "backup"
    with TestClient(create_app(settings)) as client:
        kept, gone = make_voice(client, headers, "kept")["id"], make_voice(client, headers, "gone")["id"]
        spoken = say(client, headers, kept).content
        say(client, headers, gone, "我的秘密")
        create_backup(settings, folder)
        key = wrapped_key(settings, gone)
        client.delete(f"/v1/voices/{gone}", headers=headers).raise_for_status()
    return headers, folder, kept, gone, spoken, key


def test_a_restored_house_speaks_and_deleted_voices_stay_deleted(settings, story, tmp_path):
    headers, folder, kept, gone, spoken, key = story
    new, outcome = restored(settings, tmp_path / "new", folder, ledger_of(settings))
    assert (outcome.voices, outcome.destroyed) == (1, 1)
    assert objects_of(new, gone), (
        "the backup holds the ciphertext of the deleted voice, so that this test proves something"
    )
    for path, data in files_of(new.home).items():
        assert key not in data, path
    with TestClient(create_app(new)) as client:
        assert say(client, headers, kept).content == spoken
        assert client.get(f"/v1/voices/{gone}", headers=headers).status_code == 404
        assert say(client, headers, gone).status_code == 404
        assert {item["voice"] for item in history(client, headers)} == {kept}
        waits_for(lambda: not objects_of(new, gone))
        ports = client.app.state.ports
        row = client.portal.call(voice_row, ports, gone)
        with pytest.raises(Unsealable):
            client.portal.call(ports.keys.voice, row.account_id, gone)
        assert (row.state, row.name, row.description, row.report) == ("deleted", "", "", None)
    assert asyncio.run(administration.verify_audit(new)).intact


def history(client, headers):
    found = client.get("/v1/history", headers=headers).raise_for_status().json()["items"]
    return [{"voice": item["voice_id"]} for item in found]


async def voice_row(ports, voice):
    async with ports.database.transaction(write=False) as session:
        return await session.get_one(VoiceRow, voice)


def test_it_is_the_ledger_that_keeps_them_dead(settings, story, tmp_path):
    """The control: without a ledger the deleted voice is back. Were restores harmless anyway, the others prove nothing."""
    headers, folder, _, gone, _, _ = story
    new, outcome = restored(settings, tmp_path / "new", folder, [])
    assert (outcome.voices, outcome.destroyed) == (2, 0)
    with TestClient(create_app(new)) as client:
        assert say(client, headers, gone).status_code == 200


def test_a_restored_house_has_the_receipts_and_passes_them_on(settings, story, tmp_path):
    headers, folder, _, gone, _, _ = story
    ledger = ledger_of(settings)
    new, _ = restored(settings, tmp_path / "new", folder, ledger)
    with TestClient(create_app(new)) as client:
        (receipt,) = client.get("/v1/receipts", headers=headers).json()["items"]
        assert receipt["statement"]["voice_id"] == gone
    assert ledger_of(new) == ledger
    again, outcome = restored(new, tmp_path / "again", folder, ledger_of(new))
    assert outcome.destroyed == 1
    with TestClient(create_app(again)) as client:
        assert say(client, headers, gone).status_code == 404


def test_a_restore_that_is_cut_off_leaves_nothing_that_could_speak(settings, story, tmp_path, monkeypatch):
    headers, folder, kept, gone, spoken, _ = story
    repeat = backup.ledger.repeat

    async def cut_off(*arguments):
        await repeat(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(backup.ledger, "repeat", cut_off)
    new = moved(settings, tmp_path / "new")
    before = files_of(new.home)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(restore_backup(new, folder, ledger_of(settings)))
    assert files_of(new.home) == before
    monkeypatch.undo()
    assert asyncio.run(restore_backup(new, folder, ledger_of(settings))).destroyed == 1
    assert asyncio.run(repeat_deletions(new, ledger_of(settings))).voices == 0
    with TestClient(create_app(new)) as client:
        assert say(client, headers, kept).content == spoken
        assert say(client, headers, gone).status_code != 200


def test_an_erased_account_does_not_come_back(settings, tmp_path):
    email, password = "gone@example.org", "long enough a password"
    new_account = administration.new_account(settings, "Goneril", email, password, Role.CREATOR)
    account = asyncio.run(new_account)
    token, _ = asyncio.run(administration.new_key(settings, account, "test", list(Scope)))
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(create_app(settings)) as client:
        voice = make_voice(client, headers)["id"]
        create_backup(settings, tmp_path / "backup")
        assert client.delete("/v1/me", headers=headers).status_code == 200
    ledger = parse(written(ledger_of(settings)))
    assert [entry.voice_id for entry in ledger] == [voice, None]
    new, _ = restored(settings, tmp_path / "new", tmp_path / "backup", ledger)
    with TestClient(create_app(new)) as client:
        assert client.get("/v1/me", headers=headers).status_code == 401
        sign_in = client.post("/v1/sessions", json={"email": email, "password": password})
        assert sign_in.status_code == 401
        rows = client.portal.call(keys_left, client.app.state.ports)
    assert rows == 0
    database = Database(new.database_url)
    asyncio.run(database.checkpoint())
    asyncio.run(database.close())
    with sqlite3.connect(new.home / "yinse.sqlite3") as connection:
        assert b"Goneril" not in repr(connection.execute("select * from accounts").fetchall()).encode()
    connection.close()
    assert ledger_of(new) == ledger


async def keys_left(ports):
    async with ports.keys.database.transaction(write=False) as session:
        tables = ("account_keys", "former_account_keys", "voice_keys")
        return sum([await session.scalar(sa.text(f"select count(*) from {table}")) for table in tables])


def test_long_lived_backups_hold_no_key_and_nothing_plain(settings, tmp_path):
    headers, folder = key_of(settings), tmp_path / "backup"
    with TestClient(create_app(settings)) as client:
        voice = make_voice(client, headers)["id"]
        say(client, headers, voice, "我的秘密")
        key = wrapped_key(settings, voice)
        create_backup(settings, folder)
    data, keys = (folder / "data.tar").read_bytes(), (folder / "keys.tar").read_bytes()
    assert key in keys
    assert key not in data
    assert "秘密".encode() not in data
    assert json.dumps("秘密")[1:-1].encode() not in data
    assert b"RIFF" not in data
    assert b"voice_keys" not in data
    for name in ("data.tar", "keys.tar"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_an_object_that_is_purged_meanwhile_does_not_break_a_backup(settings, tmp_path, monkeypatch):
    headers, scandir = key_of(settings), os.scandir
    with TestClient(create_app(settings)) as client:
        make_voice(client, headers)
        (settings.objects / "purged").symlink_to(tmp_path / "nowhere")
        (settings.objects / "emptied").mkdir()
        monkeypatch.setattr(
            os, "scandir", lambda path: scandir(path if "emptied" not in str(path) else "/nowhere")
        )
        create_backup(settings, tmp_path / "backup")
    with tarfile.open(tmp_path / "backup" / "data.tar") as archive:
        assert "objects/purged" not in archive.getnames()
        assert len(archive.getnames()) > 2


def spoil_nothing(folder, new):
    pass


def take_the_keys(folder, new):
    (folder / "keys.tar").unlink()


def cut_the_data(folder, new):
    with (folder / "data.tar").open("r+b") as file:
        file.truncate(1000)


def smuggle(folder, new):
    with tarfile.open(folder / "data.tar", "a") as archive:
        entry = tarfile.TarInfo("objects/../../escaped")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))


def forget_the_root(folder, new):
    (new.vault_folder / "root.json").unlink()


def bring_another_root(folder, new):
    (new.vault_folder / "root.json").unlink()
    new.vault.provider(new.home)


FORGED = Entry(statement={"voice_id": "voice_x", "account_id": "acct_x"}, signature="AAAA")


@pytest.mark.parametrize(
    ("spoil", "forged", "error", "says"),
    [
        (spoil_nothing, [FORGED], CorruptFile, "not signed"),
        (take_the_keys, [], NotFound, r"keys\.tar"),
        (cut_the_data, [], CorruptFile, "damaged"),
        (smuggle, [], CorruptFile, "leads out"),
        (forget_the_root, [], Conflict, "root key"),
        (bring_another_root, [], Conflict, "not the one"),
    ],
)
def test_what_cannot_be_restored_leaves_the_home_as_it_was(
    settings, story, tmp_path, spoil, forged, error, says
):
    _, folder, *_ = story
    new = moved(settings, tmp_path / "new")
    spoil(folder, new)
    before = files_of(tmp_path / "new")
    with pytest.raises(error, match=says):
        asyncio.run(restore_backup(new, folder, [*ledger_of(settings), *forged]))
    assert files_of(tmp_path / "new") == before
    assert not (tmp_path / "escaped").exists()


def test_nothing_is_restored_over_what_is_there(settings, story):
    _, folder, *_ = story
    with pytest.raises(AlreadyExists):
        asyncio.run(restore_backup(settings, folder, []))


def test_a_ledger_that_is_none_is_refused():
    unknown = Entry(
        statement={"action": "key.lent", "subject": "key_x", "owner_id": "acct_x", "revoked_at": "2026"},
        signature="",
    )
    strange = Entry(statement={**unknown.statement, "action": ["key.revoked"]}, signature="")
    consent = Entry(  # signed by the house as well, and no deletion
        statement={"consent_id": "cons_x", "account_id": "acct_x", "voice_id": "voice_x"}, signature=""
    )
    for text in (
        "",
        "{}",
        '[{"statement": {}, "signature": ""}]',
        '[{"voice": "x"}]',
        written([unknown]),
        written([strange]),
        written([consent]),
    ):
        with pytest.raises(CorruptFile):
            parse(text)


@pytest.fixture
def on_servers(settings, postgres, s3_endpoint):  # noqa: F811 - the fixtures imported above
    """The same house on PostgreSQL, with a database of its own for keys, and S3."""
    admin = sa.create_engine(make_url(postgres), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in ("main", "keys"):
            connection.execute(sa.text(f"drop database if exists {name} with (force)"))
            connection.execute(sa.text(f"create database {name}"))
    admin.dispose()
    bucket = urllib.request.Request(f"{s3_endpoint}/restored", method="PUT")
    urllib.request.urlopen(bucket, timeout=30).close()
    servers = {
        "database_url": str(make_url(postgres).set(database="main")),
        "keys_url": str(make_url(postgres).set(database="keys")),
        "s3": S3Options(
            bucket="restored", endpoint=s3_endpoint, access_key="key", secret_key="secret", allow_http=True
        ),
    }
    return settings.model_copy(update={"service": settings.service.model_copy(update=servers)})


def pg(program, url, *arguments):
    address = make_url(url)
    where = ["-h", str(address.query["host"]), "-U", address.username, "-d", address.database]
    command = [str(postgres_programs() / program), *where, *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PGCONNECT_TIMEOUT": "10"})


def test_databases_that_were_restored_by_their_own_means(on_servers, tmp_path):
    """The procedure of docs/operations.md with pg_dump and pg_restore: what was deleted since is deleted again."""
    settings, headers = on_servers, key_of(on_servers)
    urls = (settings.database_url, settings.keys_url)
    with TestClient(create_app(settings)) as client:
        kept, gone = make_voice(client, headers, "kept")["id"], make_voice(client, headers, "gone")["id"]
        spoken = say(client, headers, kept).content
        rights = Rights(settings, client)
        for number, url in enumerate(urls):
            pg("pg_dump", url, "-Fc", "-f", str(tmp_path / f"{number}.dump"))
        client.delete(f"/v1/voices/{gone}", headers=headers).raise_for_status()
        rights.take_back(client)
    ledger = ledger_of(settings)
    for number, url in enumerate(urls):
        pg("pg_restore", url, "--clean", "--if-exists", str(tmp_path / f"{number}.dump"))
    with pytest.raises(CorruptFile, match="not signed"):
        asyncio.run(repeat_deletions(settings, [*ledger, FORGED]))
    repeated = asyncio.run(repeat_deletions(settings, ledger))
    assert (repeated.voices, repeated.revoked) == (1, 6)
    with TestClient(create_app(settings)) as client:
        assert rights.held(client) == set()
        assert say(client, headers, kept).content == spoken
        assert say(client, headers, gone).status_code == 404
        ports = client.app.state.ports
        row = client.portal.call(voice_row, ports, gone)
        with pytest.raises(Unsealable):
            client.portal.call(ports.keys.voice, row.account_id, gone)
    assert ledger_of(settings) == ledger
    with pytest.raises(Conflict, match="PostgreSQL"):
        create_backup(settings, tmp_path / "backup")
