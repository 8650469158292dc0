"""A voice's whole life over HTTP on the real engine, tiny and random: upload, speak, adapt, compare, delete."""

import asyncio
import io
import time

import av
import pytest
from fastapi.testclient import TestClient

from serving.conftest import READING, speech_of, tiny_weights  # noqa: F401 - a fixture
from yinse.app import administration, training
from yinse.app.api import create_app
from yinse.service.principal import Role, Scope
from yinse.serving.options import ServingOptions

FORMATS = ["wav", "flac", "mp3", "opus", "aac", "pcm", "ulaw", "alaw"]


@pytest.fixture(scope="module")
def minute():
    """A recording long enough to fine-tune on."""
    return speech_of(3 * READING)


@pytest.fixture
def client(settings, tiny_weights, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(training, "_IN_MEMORY", tmp_path)
    settings = settings.model_copy(update={"serving": ServingOptions(weights=tiny_weights, processes=0)})
    account = asyncio.run(administration.new_account(settings, "Ann", None, None, Role.CREATOR))
    scopes = [Scope.SPEECH, Scope.VOICES_READ, Scope.VOICES_WRITE, Scope.HISTORY]
    token, _ = asyncio.run(administration.new_key(settings, account, "test", scopes))
    with TestClient(create_app(settings), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def ended(client, job):
    while job["state"] in ("queued", "running"):
        time.sleep(0.1)
        job = client.get(f"/v1/jobs/{job['id']}").json()
    return job


def succeeded(client, job):
    job = ended(client, job)
    assert job["state"] == "succeeded", job["error"]
    return job


def say(client, voice, **order):
    order = {"text": "好。", "voice": voice, "format": "pcm", "controls": {"seed": 1}} | order
    return client.post("/v1/speech", json=order)


def seconds_of(audio):
    with av.open(io.BytesIO(audio)) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))


def test_a_life(client, minute, settings, tmp_path):
    made = client.post("/v1/voices", data={"name": "me"}, files={"files": ("a.wav", minute)}).json()
    succeeded(client, made["job"])
    voice = client.get(f"/v1/voices/{made['voice']['id']}").json()
    assert (voice["state"], voice["report"]["can_clone"]) == ("ready", True)

    whole = len(say(client, voice["id"]).content) / 2 / 44100
    for name in FORMATS:
        answer = say(client, voice["id"], format=name)
        assert answer.status_code == 200
        if name not in ("pcm", "ulaw", "alaw"):
            assert seconds_of(answer.content) == pytest.approx(whole, abs=0.2), name

    job = client.post(f"/v1/voices/{voice['id']}/adapt", json={"steps": 2}).json()
    outcome = succeeded(client, job)["result"]
    versions = client.get(f"/v1/voices/{voice['id']}/versions").json()["items"]
    assert len(versions) == 1 + outcome["improved"]
    before, after = outcome["likeness"]
    assert (after > before) == outcome["improved"]
    assert 0 < before < 1
    assert not list(tmp_path.glob("yinse-adapt-*"))

    client.delete(f"/v1/voices/{voice['id']}")
    assert say(client, voice["id"]).status_code == 404
    gauges = client.get("/v1/capabilities").json()["engine"]
    assert (gauges["cache_bytes"], gauges["adapted_bytes"]) == (0, 0)


def test_an_adaptation_ends_when_its_voice_is_deleted(client, minute, tmp_path):
    made = client.post("/v1/voices", data={"name": "me"}, files={"files": ("a.wav", minute)}).json()
    succeeded(client, made["job"])
    voice = made["voice"]["id"]
    job = client.post(f"/v1/voices/{voice}/adapt", json={"steps": 20_000}).json()
    while job["state"] in ("queued", "running") and not list(tmp_path.glob("yinse-adapt-*/work")):
        time.sleep(0.1)
        job = client.get(f"/v1/jobs/{job['id']}").json()
    assert job["state"] == "running", job["error"]
    client.delete(f"/v1/voices/{voice}")
    while list(tmp_path.glob("yinse-adapt-*")):
        time.sleep(0.1)
