"""What was taken back since a backup stays taken back: keys, grants, consents, voices, recordings, sessions."""

import asyncio
import sqlite3

from fastapi.testclient import TestClient

from app.conftest import key_of
from app.restoring import ledger_of, restored, waits_for
from app.rights import Rights
from yinse.app import administration
from yinse.app.api import create_app
from yinse.app.backup import create_backup, repeat_deletions
from yinse.service.operations.ledger import parse, written

ALL = {"key", "session", "lent", "trusted", "quiet", "recording"}


def test_what_was_revoked_since_a_backup_stays_revoked(settings, tmp_path):
    with TestClient(create_app(settings)) as client:
        rights = Rights(settings, client)
        create_backup(settings, tmp_path / "backup")
        assert rights.held(client) == ALL
        rights.take_back(client)
        assert rights.held(client) == set()
    ledger = parse(written(ledger_of(settings)))
    new, outcome = restored(settings, tmp_path / "new", tmp_path / "backup", ledger)
    assert outcome.revoked == 6
    with TestClient(create_app(new)) as client:
        assert rights.held(client) == set()
        waits_for(lambda: not recordings_of(new, rights.recording))
    assert asyncio.run(administration.verify_audit(new)).intact
    assert ledger_of(new) == ledger
    assert asyncio.run(repeat_deletions(new, ledger)).revoked == 0


def recordings_of(settings, recording):
    return [path for path in settings.objects.rglob("*") if recording in path.name]


def test_it_is_the_ledger_that_keeps_them_revoked_and_every_restore_that_ends_sessions(settings, tmp_path):
    """The control: without a ledger all are back, but nobody is signed in."""
    with TestClient(create_app(settings)) as client:
        rights = Rights(settings, client)
        create_backup(settings, tmp_path / "backup")
        rights.take_back(client)
    new, outcome = restored(settings, tmp_path / "new", tmp_path / "backup", [])
    assert outcome.revoked == 0
    with TestClient(create_app(new)) as client:
        assert rights.held(client) == ALL - {"session"}


def test_an_older_backup_restored_meanwhile_does_not_forget_what_a_newer_one_still_has(settings, tmp_path):
    """The key was made after the first backup and revoked after the second."""
    with TestClient(create_app(settings)) as client:
        create_backup(settings, tmp_path / "first")
        key = key_of(settings)
        create_backup(settings, tmp_path / "second")
        asyncio.run(administration.revoke_key(settings, key_id(settings)))
        assert client.get("/v1/me", headers=key).status_code == 401
    first, _ = restored(settings, tmp_path / "a", tmp_path / "first", ledger_of(settings))
    second, outcome = restored(first, tmp_path / "b", tmp_path / "second", ledger_of(first))
    assert outcome.revoked == 1
    with TestClient(create_app(second)) as client:
        assert client.get("/v1/me", headers=key).status_code == 401


def key_id(settings):
    with sqlite3.connect(settings.home / "yinse.sqlite3") as connection:
        ((key,),) = connection.execute("select id from api_keys").fetchall()
    connection.close()
    return key


def test_a_voice_that_was_stopped_before_the_backup_and_lent_again_is_still_lent(settings, tmp_path):
    with TestClient(create_app(settings)) as client:
        rights = Rights(settings, client)
        client.post(f"/v1/voices/{rights.lent}/revoke", headers=rights.owner).raise_for_status()
        client.post(f"/v1/voices/{rights.lent}/restore", headers=rights.owner).raise_for_status()
        rights.lend(client, rights.lent)
        create_backup(settings, tmp_path / "backup")
    new, outcome = restored(settings, tmp_path / "new", tmp_path / "backup", ledger_of(settings))
    assert outcome.revoked == 0
    with TestClient(create_app(new)) as client:
        assert rights.held(client) == ALL - {"session"}
