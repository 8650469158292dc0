"""Presets speak for everybody, belong to nobody, and what they say belongs to whoever had it said."""

import asyncio
import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy import select

from yinse.contracts.refusals import Unsealable
from yinse.contracts.speech import Finished, Preset
from yinse.service.history.tables import GenerationRow
from yinse.service.keystore.tables import VoiceKeyRow
from yinse.service.objects.tables import ObjectRow
from yinse.service.principal import Role
from yinse.service.voices import presets
from yinse.serving.fake import FakeSpeech, pitch_of, recording

MEI = Preset("mei", ("ja",), "CC BY, the voice mei", "good")
YUE = Preset("yue", ("zh", "en"), "CC0", "studio")


@pytest.fixture
def ports(ports):
    return replace(ports, presets=(MEI, YUE))


def say(caller, voice="mei", **order):
    return caller.post("/v1/speech", json={"text": "字" * 40, "voice": voice, "format": "pcm"} | order)


def test_a_new_account_has_something_to_speak_with(ann):
    mei, yue = ann.get("/v1/voices").json()["items"]
    assert (mei["id"], mei["name"], mei["language"], mei["description"]) == (
        "preset_mei",
        "mei",
        "ja",
        "CC BY, the voice mei",
    )
    assert (mei["preset"], mei["owned"], mei["state"], yue["language"]) == (True, False, "ready", "auto")
    for handle in ("mei", "preset_mei"):
        spoken = say(ann, handle)
        assert spoken.status_code == 200
        assert pitch_of(spoken.content) == pytest.approx(330, rel=0.02)


def test_what_is_ones_own_comes_first_and_has_the_name(ann, voices):
    voice = voices.ready(ann, name="mei")
    assert [item["id"] for item in ann.get("/v1/voices").json()["items"]] == [
        voice,
        "preset_mei",
        "preset_yue",
    ]
    assert pitch_of(say(ann, "mei").content) == pytest.approx(220, rel=0.02)
    assert pitch_of(say(ann, "preset_mei").content) == pytest.approx(330, rel=0.02)


def test_the_other_apis_know_them_too(ann):
    assert [voice["name"] for voice in ann.get("/v1/audio/voices").json()["data"]] == ["mei", "yue"]
    assert [speaker["name"] for speaker in ann.get("/speakers").json()] == ["mei", "yue"]
    theirs = ann.get("/v1/voices", headers={"xi-api-key": ann.key}).json()["voices"]
    assert [(voice["name"], voice["category"], voice["is_owner"]) for voice in theirs] == [
        ("mei", "premade", False),
        ("yue", "premade", False),
    ]
    assert ann.post("/v1/audio/speech", json={"model": "tts-1", "input": "你好", "voice": "mei"}).is_success
    assert ann.post("/v1/text-to-speech/preset_mei", json={"text": "你好"}).is_success
    assert ann.post("/tts", json={"text": "你好", "ref_audio_path": "voices/yue.wav"}).is_success


@pytest.mark.parametrize("role", [Role.CREATOR, Role.OPERATOR])
def test_nobody_changes_shares_or_deletes_one(house, role, app):
    caller = house.caller("Eve", role=role)
    path = "/v1/voices/preset_mei"
    files = {"files": ("x.wav", recording(220, 2.0), "audio/wav")}
    asked = caller.post("/v1/consents/challenges", json={"language": "zh", "scopes": ["share"]}).json()
    challenge = f"{path}/consents?challenge_id={asked['id']}"
    attempts = {
        "patch": caller.patch(path, json={"name": "mine"}),
        "delete": caller.delete(path),
        "revoke": caller.post(f"{path}/revoke"),
        "restore": caller.post(f"{path}/restore"),
        "record": caller.post(f"{path}/recordings", files=files),
        "recordings": caller.get(f"{path}/recordings"),
        "adapt": caller.post(f"{path}/adapt", json={}),
        "reselect": caller.post(f"{path}/reselect"),
        "versions": caller.get(f"{path}/versions"),
        "feedback": caller.get(f"{path}/feedback"),
        "grant": caller.post(f"{path}/grants", json={"grantee_id": caller.account_id}),
        "grants": caller.get(f"{path}/grants"),
        "consent": caller.post(challenge, files={"recording": ("c.wav", recording(220, 2.0), "audio/wav")}),
        "settings": caller.post("/v1/voices/preset_mei/settings/edit", json={"speed": 2.0}),
    }
    found = {name: (answer.status_code, answer.json()["code"]) for name, answer in attempts.items()}
    assert set(found.values()) == {(403, "permission_denied")}, found
    assert caller.delete("/v1/audio/voices/mei").status_code == 404
    assert caller.get(path).json()["name"] == "mei"
    assert say(caller, version="ver_1").status_code == 404


def test_what_it_says_is_kept_under_the_callers_key_and_shared_with_nobody(house, ann, bob):
    spoken = say(ann)
    generation = spoken.headers["yinse-generation-id"]
    assert ann.get(f"/v1/history/{generation}/audio").content == spoken.content
    assert bob.get(f"/v1/history/{generation}").status_code == 404
    assert ann.put(f"/v1/history/{generation}/rating", json={"rating": 1}).json()["rating"] == 1
    link = ann.post(f"/v1/history/{generation}/link", json={}).json()["url"]
    assert house.client.get(link.removeprefix("http://127.0.0.1:8700")).status_code == 200
    (audio,) = house.run(rows, house, ObjectRow)
    assert (audio.account_id, audio.voice_id) == (ann.account_id, f"presets_{ann.account_id}")


def test_what_it_said_dies_with_the_account(house, ann, bob, voices):
    for caller in (ann, bob):
        assert say(caller).is_success
    (shelf,) = [row for row in house.run(rows, house, ObjectRow) if row.account_id == ann.account_id]
    link = ann.post("/v1/history/" + ann.get("/v1/history").json()["items"][0]["id"] + "/link", json={})
    assert ann.delete("/v1/me").is_success
    voices.work()
    with pytest.raises(Unsealable):
        house.run(house.ports.keys.voice, ann.account_id, shelf.voice_id)
    assert house.client.get(link.json()["url"].removeprefix("http://127.0.0.1:8700")).status_code == 404
    files = [path for path in (house.home / "objects").rglob("*") if path.is_file()]
    assert [bob.account_id in str(path) for path in files] == [True]
    assert say(bob).is_success


@pytest.mark.parametrize("path", ["/v1/speech", "/v1/speech/jobs"])
def test_an_account_that_is_erased_while_it_speaks_leaves_nothing(house, ann, voices, monkeypatch, path):
    original = FakeSpeech.stream

    async def erasing(self, request):
        async for event in original(self, request):
            if isinstance(event, Finished):
                answer = await asyncio.to_thread(ann.delete, "/v1/me")
                assert answer.status_code == 200
            yield event

    monkeypatch.setattr(FakeSpeech, "stream", erasing)
    ann.post(path, json={"text": "我的秘密。", "voice": "mei"})
    voices.work()
    house.clock.forward(minutes=5)
    voices.work()
    assert house.run(rows, house, GenerationRow) == []
    assert house.run(rows, house, ObjectRow) == []
    assert not [file for file in (house.home / "objects").rglob("*") if file.is_file()]
    with sqlite3.connect(house.home / "keys.sqlite3") as connection:
        assert connection.execute("select account_id from account_keys").fetchall() == []
    connection.close()


def test_what_anothers_voice_said_for_an_account_dies_with_the_account(house, ann, bob, voices):
    voice, _ = voices.shared(ann, bob)
    before = len(list((house.home / "objects").rglob("obj_gen_*")))
    assert say(bob, voice).is_success
    assert len(list((house.home / "objects").rglob("obj_gen_*"))) == before + 1
    assert bob.delete("/v1/me").is_success
    voices.work()
    assert len(list((house.home / "objects").rglob("obj_gen_*"))) == before


def test_long_texts_are_spoken_by_presets_too(ann, voices):
    job = ann.post("/v1/speech/jobs", json={"text": "一句话。" * 60, "voice": "yue", "format": "wav"}).json()
    voices.work()
    done = ann.get(f"/v1/jobs/{job['id']}").json()
    assert done["state"] == "succeeded", done
    audio = ann.get(f"/v1/history/{done['result']['generation_id']}/audio")
    assert audio.content.startswith(b"RIFF")


def test_rows_follow_the_weights(house, ann):
    spoken = say(ann).headers["yinse-generation-id"]
    ports = replace(house.ports, presets=(replace(YUE, source="another"),))
    house.run(presets.ensure, ports)
    house.run(presets.ensure, ports)
    assert ann.get("/v1/voices/preset_yue").json()["description"] == "another"
    assert ann.get(f"/v1/history/{spoken}").json()["voice_id"] == "preset_mei"


def test_operators_count_peoples_voices(house, ann, voices):
    voices.ready(ann)
    operator = house.caller("Op", role=Role.OPERATOR)
    assert operator.get("/v1/operator/overview").json()["voices"] == {"ready": 1}


async def rows(house, table):
    database = house.ports.keys.database if table is VoiceKeyRow else house.ports.database
    async with database.transaction(write=False) as session:
        return (await session.scalars(select(table))).all()
