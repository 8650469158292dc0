"""The shipped engine behind the real server, and a real person's recordings: from signing up to the receipt."""

import asyncio
import base64
import io
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
import soundfile
import uvicorn
from benchmarks.consent.trials import Consent, Stranger, strangers
from benchmarks.load.people import Person
from benchmarks.voice.speech import SpeechData

from yinse.app import administration, server
from yinse.app.api import create_app
from yinse.contracts.refusals import Unsealable
from yinse.engine.checkpoints.base import default_weights
from yinse.service.consents import phrases
from yinse.service.options import LimitOptions, ServiceOptions
from yinse.serving.options import ServingOptions
from yinse.settings import Settings
from yinse.vault.receipts import verify

pytestmark = [pytest.mark.weights, pytest.mark.speech]

TEXT = "你好，this is my voice."
ADDRESS = {"email": "ann@example.org", "password": "long enough a password"}


@pytest.fixture(scope="module")
def people(speech_data: Path) -> list[Stranger]:
    if not (default_weights() / "manifest.json").exists():
        pytest.skip("the base voice's weights are not here")
    return strangers(SpeechData(speech_data), "so762_9606", "so762_9624")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    limits = LimitOptions(anonymous="10000/minute")
    service = ServiceOptions(limits=limits, drain_seconds=2)
    return Settings(home=tmp_path / "home", service=service, serving=ServingOptions(processes=1))


@pytest.fixture
def client(home: Settings) -> Iterator[httpx.Client]:
    running = uvicorn.Server(server.config_for(create_app(home), "127.0.0.1", 0, home.service))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 120
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    with httpx.Client(base_url=url, timeout=300) as client:
        yield client
    running.should_exit = True
    thread.join(60)


def signed_up(client: httpx.Client) -> None:
    client.post("/v1/accounts", json={**ADDRESS, "display_name": "Ann"}).raise_for_status()
    token = client.post("/v1/sessions", json=ADDRESS).raise_for_status().json()["token"]
    client.cookies.clear()
    client.headers["Authorization"] = f"Bearer {token}"


def enrolled(client: httpx.Client, person: Stranger) -> dict:
    minute = Person(person.name, person.samples[0]).wav()
    files = {"files": ("minute.wav", minute, "audio/wav")}
    made = client.post("/v1/voices", data={"name": "me"}, files=files).raise_for_status().json()
    deadline = time.monotonic() + 600
    job = made["job"]
    while job["state"] in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(0.1)
        job = client.get(f"/v1/jobs/{job['id']}").json()
    assert job["state"] == "succeeded", job
    return client.get(f"/v1/voices/{made['voice']['id']}").json()


def consented(client: httpx.Client, voice_id: str, asked: Consent, spoken: Consent, monkeypatch) -> dict:
    """Nobody in the data reads our sentence: the one that is asked for is what somebody read there."""
    sentence = f"{asked.check.lead}: {', '.join(asked.check.nonce)}."
    monkeypatch.setattr(phrases, "challenge", lambda *_: sentence)
    monkeypatch.setitem(phrases.WORDS, "en", asked.check.pool)
    challenge = {"language": "en", "scopes": ["synthesis", "share"]}
    issued = client.post("/v1/consents/challenges", json=challenge).raise_for_status().json()
    audio = Person(spoken.speaker, spoken.spoken).wav()
    answer = client.post(
        f"/v1/voices/{voice_id}/consents",
        params={"challenge_id": issued["id"]},
        files={"recording": ("consent.wav", audio, "audio/wav")},
    )
    return answer.raise_for_status().json()


def spoken(client: httpx.Client, voice_id: str, name: str) -> tuple[bytes, str]:
    order = {"text": TEXT, "voice": voice_id, "format": name, "controls": {"seed": 7}}
    with client.stream("POST", "/v1/speech", json=order) as answer:
        assert answer.status_code == 200
        pieces = list(answer.iter_raw())
        assert len(pieces) > 1
        return b"".join(pieces), answer.headers["yinse-generation-id"]


def played(data: bytes, name: str) -> float:
    """Seconds that ffmpeg's libraries play of a file; telephone codecs and bare samples are told their rate."""
    if name == "pcm":
        return len(data) / 2 / 44100
    told = {"ulaw": ("mulaw", {"sample_rate": "8000"}), "alaw": ("alaw", {"sample_rate": "8000"})}
    container, options = told.get(name, (None, {}))
    with av.open(io.BytesIO(data), format=container, options=options) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
        rate = file.streams.audio[0].rate
    samples = np.concatenate([frame.reshape(-1) for frame in frames]).astype(np.float64)
    assert np.abs(samples).max() > 0
    return len(samples) / rate


def test_from_signing_up_to_the_receipt(client, home, people, monkeypatch, tmp_path):
    person, stranger = people
    signed_up(client)

    voice = enrolled(client, person)
    assert (voice["state"], voice["grade"]) != ("rejected", None)
    assert voice["state"] == "ready", voice["reason"]
    assert {"snr", "clipping", "reverberation"} <= {check["id"] for check in voice["report"]["checks"]}

    refused = consented(client, voice["id"], person.consents[1], stranger.consents[0], monkeypatch)
    assert {"speaker", "random_words"} <= set(refused["doubts"])
    consent = consented(client, voice["id"], person.consents[1], person.consents[1], monkeypatch)
    assert consent["accepted"], consent

    seconds, generations = {}, []
    for name in ("wav", "flac", "mp3", "opus", "aac", "pcm", "ulaw", "alaw"):
        data, generation = spoken(client, voice["id"], name)
        seconds[name] = played(data, name)
        generations.append(generation)
        if name in ("wav", "flac", "mp3", "opus"):
            kept = client.get(f"/v1/history/{generation}/audio").content
            samples, rate = soundfile.read(io.BytesIO(kept))
            assert len(samples) / rate == pytest.approx(seconds[name], abs=0.1)
    assert max(seconds.values()) - min(seconds.values()) < 0.15, seconds
    assert seconds["pcm"] > 1.0

    timed = client.post(
        "/v1/speech/timestamps", json={"text": TEXT, "voice": voice["id"], "format": "wav"}
    ).json()
    assert played(base64.b64decode(timed["audio_base64"]), "wav") == pytest.approx(timed["seconds"], abs=0.01)
    alignment = timed["alignment"]
    assert "".join(alignment["characters"]) == TEXT
    assert alignment["character_start_times_seconds"] == sorted(alignment["character_start_times_seconds"])
    assert alignment["character_end_times_seconds"][-1] <= timed["seconds"] + 0.05
    assert {mark["symbol"] for mark in timed["visemes"]} > {"sil"}

    history = client.get("/v1/history").json()["items"]
    assert [item["id"] for item in history][::-1][: len(generations)] == generations
    assert history[0]["text"] == TEXT
    rated = client.put(f"/v1/history/{generations[0]}/rating", json={"rating": 4, "reason": "lively"})
    assert rated.json()["rating"] == 4
    link = client.post(f"/v1/history/{generations[0]}/link", json={}).raise_for_status().json()["url"]
    assert httpx.get(client.base_url.join(httpx.URL(link).path)).status_code == 200

    before = tmp_path / "before"
    shutil.copytree(home.home, before)
    receipt = client.delete(f"/v1/voices/{voice['id']}").raise_for_status().json()
    public = client.get("/v1/receipts/key").json()["public_key"]
    assert verify(receipt["statement"], receipt["signature"], public)
    assert receipt["statement"]["object_count"] >= len(generations) + 3
    assert httpx.get(client.base_url.join(httpx.URL(link).path)).status_code == 404
    assert client.get("/v1/history").json()["items"] == []
    nothing_opens(home, before, tmp_path / "after")


def nothing_opens(home: Settings, before: Path, after: Path) -> None:
    """Every object lies under the voice's key, and a copy of disk and databases holds that key no more."""
    # The objects are being purged meanwhile; who copied them before the deletion has them all.
    shutil.copytree(home.home, after, ignore=shutil.ignore_patterns("objects"))
    shutil.copytree(before / "objects", after / "objects")
    copy = home.model_copy(update={"home": after})
    paths = [path for path in (after / "objects").rglob("*") if path.is_file()]
    assert len(paths) >= 11

    async def run() -> None:
        async with administration.house(copy) as ports:
            for path in paths:
                account, voice, _ = path.relative_to(after / "objects").parts
                with pytest.raises(Unsealable):
                    await ports.keys.voice(account, voice)
                assert voice.startswith("voice_")

    asyncio.run(run())
