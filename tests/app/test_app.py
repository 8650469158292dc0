import asyncio
import time

from fastapi.testclient import TestClient

from app.conftest import key_of, make_voice, say
from yinse.app import administration
from yinse.app.api import create_app, create_worker
from yinse.app.document import openapi_document


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


def test_a_process_that_only_works_says_how_it_is_and_nothing_else(settings):
    headers = key_of(settings)
    with (
        TestClient(create_app(settings, work=False)) as client,
        TestClient(create_worker(settings)) as worker,
    ):
        assert make_voice(client, headers)["state"] == "ready"
        assert worker.get("/healthz").json() == {"status": "ok"}
        assert worker.get("/readyz").json()["ready"]
        assert 'yinse_jobs_total{kind="enrol",state="succeeded"} 1.0' in worker.get("/metrics").text
        for path in ("/v1/voices", "/v1/me"):
            assert worker.get(path, headers=headers).status_code == 404, path


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
