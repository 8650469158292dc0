"""A transaction waits for nothing but its database: not for the store, not for a password, not for another connection."""

import pytest
from sqlalchemy import event

from service.conftest import upload
from yinse.service.accounts import credentials
from yinse.service.compat.openai import endpoints as openai
from yinse.service.history.retention import forget_old
from yinse.service.voices.tables import VoiceRow
from yinse.serving.fake import recording

SENTENCE = "I am the owner of this voice and I consent to Yinse creating a synthetic voice model of it."


@pytest.fixture
def held(house, monkeypatch):
    """Which slow things were done, and how many connections to the database the one who did them held."""
    pool, found = house.ports.database.engine.sync_engine.pool, []

    def called(original):
        def call(*arguments):
            found.append((original.__name__, pool.checkedout()))
            return original(*arguments)

        return call

    def iterated(original):
        async def iterate(*arguments):
            found.append((original.__name__, pool.checkedout()))
            async for item in original(*arguments):
                yield item

        return iterate

    blobs, passwords = house.ports.blobs, credentials._PASSWORDS
    for owner, names, watched in (
        (blobs, ("put", "delete"), called),
        (blobs, ("get", "list"), iterated),
        (passwords, ("hash", "verify"), called),
        (house.ports.speech, ("forget",), called),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    return found


@pytest.fixture
def most(house):
    """The most connections that were held together."""
    pool, found = house.ports.database.engine.sync_engine.pool, [0]
    event.listen(pool, "checkout", lambda *_: found.append(pool.checkedout()))
    return found


def test_no_transaction_is_open_while_the_store_works_or_the_engine_forgets(house, ann, voices, held):
    voice = voices.ready(ann)
    voices.consent(ann, voice)
    order = {"text": "你好,世界。", "voice": voice}
    generations = [ann.post("/v1/speech", json=order).headers["yinse-generation-id"] for _ in range(2)]
    ann.get(f"/v1/history/{generations[0]}/audio")
    link = ann.post(f"/v1/history/{generations[0]}/link", json={}).json()["url"]
    assert house.client.get(link.removeprefix("http://127.0.0.1:8700")).status_code == 200
    ann.delete(f"/v1/history/{generations[0]}")
    ann.post("/v1/speech/jobs", json={**order, "text": "很长的文章。" * 100})
    ann.post(f"/v1/voices/{voice}/recordings", files=upload(221))
    voices.work()
    recordings = ann.get(f"/v1/voices/{voice}/recordings").json()["items"]
    ann.get(f"/v1/voices/{voice}/recordings/{recordings[0]['id']}/audio")
    ann.delete(f"/v1/voices/{voice}/recordings/{recordings[0]['id']}")
    house.clock.forward(days=house.ports.options.history_days + 1)
    house.run(forget_old, house.ports)
    ann.delete(f"/v1/voices/{voice}")
    voices.work()
    assert {name for name, _ in held} >= {"put", "get", "delete", "list", "forget"}
    assert [one for one in held if one[1]] == []


def test_a_consent_is_moved_to_its_voice_before_anything_is_locked(ann, held, monkeypatch):
    async def made(ports, voice_id, job_id):
        async with ports.database.transaction(write=False) as session:
            return await session.get_one(VoiceRow, voice_id)

    monkeypatch.setattr(openai, "until_made", made)
    said = {"recording": ("c.wav", recording(300, 3, said=SENTENCE), "audio/wav")}
    form = {"name": "Ann", "language": "en"}
    consent = ann.post("/v1/audio/voice_consents", data=form, files=said).json()["id"]
    sample = {"audio_sample": ("s.wav", recording(300, 3), "audio/wav")}
    answer = ann.post("/v1/audio/voices", data={"name": "ann", "consent": consent}, files=sample)
    assert answer.status_code == 200, answer.text
    assert held == [("put", 0), ("put", 0), ("put", 0), ("get", 0)]


def test_passwords_are_hashed_before_anything_is_locked(house, held):
    who = {"email": "ann@example.org", "password": "long enough password"}
    house.client.post("/v1/accounts", json={**who, "display_name": "Ann"})
    token = house.client.post("/v1/sessions", json=who).json()["token"]
    house.client.cookies.clear()
    change = {"current": who["password"], "new": "another long password"}
    mine = {"Authorization": f"Bearer {token}"}
    assert house.client.post("/v1/me/password", json=change, headers=mine).status_code == 204
    assert [name for name, _ in held] == ["hash", "verify", "verify", "hash"]
    assert [one for one in held if one[1]] == []
    again = house.client.post("/v1/sessions", json={**who, "password": change["new"]})
    assert again.status_code == 201


def test_no_request_holds_a_connection_and_waits_for_another(house, ann, voices, most):
    voice = voices.ready(ann)
    voices.consent(ann, voice)
    spoken = ann.post("/v1/speech", json={"text": "你好", "voice": voice}).headers["yinse-generation-id"]
    link = ann.post(f"/v1/history/{spoken}/link", json={}).json()["url"]
    for path in ("/v1/history", f"/v1/history/{spoken}", f"/v1/history/{spoken}/audio", "/v1/voices"):
        assert ann.get(path).status_code == 200
    assert house.client.get(link.removeprefix("http://127.0.0.1:8700")).status_code == 200
    assert max(most) == 1
