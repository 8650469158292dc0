import asyncio
import json
import time

from fastapi.testclient import TestClient

from yinse.app import administration
from yinse.app.api import create_app
from yinse.app.backup import create_backup, export_ledger, restore_backup
from yinse.app.document import openapi_document
from yinse.service.principal import Role, Scope
from yinse.serving.fake import recording

SCOPES = [Scope.SPEECH, Scope.VOICES_READ, Scope.VOICES_WRITE, Scope.HISTORY]


def key_of(settings, name="Ann"):
    account = asyncio.run(administration.new_account(settings, name, None, None, Role.CREATOR))
    token, _ = asyncio.run(administration.new_key(settings, account, "test", SCOPES))
    return {"Authorization": f"Bearer {token}"}


def make_voice(client, headers, name="me"):
    files = {"files": ("take.wav", recording(300, 2), "audio/wav")}
    created = client.post("/v1/voices", data={"name": name}, files=files, headers=headers).json()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        voice = client.get(f"/v1/voices/{created['voice']['id']}", headers=headers).json()
        if voice["state"] != "pending":
            return voice
        time.sleep(0.05)
    raise AssertionError("the worker does not work")


def say(client, headers, voice, text="你好"):
    order = {"text": text, "voice": voice, "format": "pcm", "controls": {"seed": 1}}
    return client.post("/v1/speech", json=order, headers=headers)


def test_one_process_serves_works_and_remembers(settings):
    headers = key_of(settings)
    with TestClient(create_app(settings)) as client:
        voice = make_voice(client, headers)
        assert voice["state"] == "ready"
        first = say(client, headers, voice["id"]).content
    with TestClient(create_app(settings)) as client:
        assert say(client, headers, voice["id"]).content == first
        assert client.get("/readyz").json()["ready"]


def test_the_studio_is_served_beside_the_api(settings, tmp_path):
    studio = tmp_path / "dist"
    studio.mkdir()
    (studio / "index.html").write_text("<title>Yinse</title>")
    with TestClient(create_app(settings, studio=studio)) as client:
        assert "Yinse" in client.get("/").text
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/../vault/root.json").status_code == 404


def test_a_deletion_in_one_process_is_heard_in_another(settings):
    headers = key_of(settings)
    with TestClient(create_app(settings)) as one, TestClient(create_app(settings, work=False)) as other:
        voice = make_voice(one, headers)["id"]
        say(other, headers, voice)
        speech = other.app.state.ports.speech
        assert speech.prompts.size > 0
        one.delete(f"/v1/voices/{voice}", headers=headers)
        assert say(other, headers, voice).status_code == 404
        deadline = time.monotonic() + 60
        while speech.prompts.size and time.monotonic() < deadline:
            time.sleep(0.05)
        assert speech.prompts.size == 0


def test_a_restored_house_speaks_and_deleted_voices_stay_deleted(settings, tmp_path):
    headers, backup = key_of(settings), tmp_path / "backup"
    with TestClient(create_app(settings)) as client:
        kept, gone = make_voice(client, headers, "kept"), make_voice(client, headers, "gone")
        spoken = say(client, headers, kept["id"]).content
        create_backup(settings, backup)
        client.delete(f"/v1/voices/{gone['id']}", headers=headers)
    ledger = tmp_path / "ledger.json"
    assert export_ledger(settings, ledger) == 1
    public = asyncio.run(administration.public_key(settings))

    new = settings.model_copy(update={"home": tmp_path / "new"})
    new.vault_folder.mkdir(parents=True)
    for name in ("root.json", "secret"):
        (new.vault_folder / name).write_bytes((settings.vault_folder / name).read_bytes())
    restored = restore_backup(new, backup, ledger, public)
    assert (restored.voices, restored.destroyed) == (1, 1)
    with TestClient(create_app(new)) as client:
        assert say(client, headers, kept["id"]).content == spoken
        assert client.get(f"/v1/voices/{gone['id']}", headers=headers).status_code == 404
        assert say(client, headers, gone["id"]).status_code == 404


def test_long_lived_backups_hold_no_key_and_nothing_plain(settings, tmp_path):
    headers, backup = key_of(settings), tmp_path / "backup"
    with TestClient(create_app(settings)) as client:
        voice = make_voice(client, headers)["id"]
        say(client, headers, voice, "我的秘密")
        create_backup(settings, backup)
    data = (backup / "data.tar").read_bytes()
    assert "秘密".encode() not in data
    assert b"RIFF" not in data
    assert b"voice_keys" not in data


def test_a_forged_ledger_stops_a_restore(settings, tmp_path):
    import pytest

    from yinse.contracts.errors import AlreadyExists, CorruptFile

    headers, backup = key_of(settings), tmp_path / "backup"
    with TestClient(create_app(settings)) as client:
        voice = make_voice(client, headers)["id"]
        create_backup(settings, backup)
    public = asyncio.run(administration.public_key(settings))
    ledger = tmp_path / "ledger.json"
    ledger.write_text(json.dumps([{"statement": {"voice_id": voice}, "signature": "AAAA"}]))
    new = settings.model_copy(update={"home": tmp_path / "new"})
    with pytest.raises(CorruptFile, match="not signed"):
        restore_backup(new, backup, ledger, public)
    assert not (new.home / "yinse.sqlite3").exists()
    with pytest.raises(AlreadyExists):
        restore_backup(settings, backup, None, None)


def test_rotating_the_root_key_keeps_every_voice(settings):
    headers = key_of(settings)
    with TestClient(create_app(settings)) as client:
        voice = make_voice(client, headers)["id"]
        spoken = say(client, headers, voice).content
    assert asyncio.run(administration.rotate_root(settings, retire=True)) >= 1
    with TestClient(create_app(settings)) as client:
        assert say(client, headers, voice).content == spoken


def test_the_document_describes_every_route():
    document = openapi_document()
    assert {"/v1/voices", "/v1/speech", "/v1/audio/speech", "/tts"} <= set(document["paths"])
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
