"""A fresh key for an account: everything still opens, and the old key opens nothing."""

import pytest

from yinse.contracts.refusals import Unsealable
from yinse.service.accounts.rotation import rotate_account
from yinse.service.history.tables import GenerationRow
from yinse.service.speech.keeping import text_ref


def rotate(house, caller):
    return house.run(rotate_account, house.ports, caller.account_id, "test")


def order(voice, text="你好,世界。"):
    return {"text": text, "voice": voice, "format": "pcm", "controls": {"seed": 3}}


def test_history_voices_and_waiting_jobs_outlive_a_rotation(house, ann, voices):
    voice = voices.ready(ann)
    spoken = ann.post("/v1/speech", json=order(voice)).content
    job = ann.post("/v1/speech/jobs", json=order(voice, "长文。" * 20)).json()
    rotated = rotate(house, ann)
    assert (rotated.voices, rotated.objects) == (1, 2)
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["state"] == "succeeded"
    texts = [item["text"] for item in ann.get("/v1/history").json()["items"]]
    assert texts == ["长文。" * 20, "你好,世界。"]
    assert ann.get(f"/v1/history/{ann.get('/v1/history').json()['items'][1]['id']}/audio").content == spoken
    assert ann.post("/v1/speech", json=order(voice)).content == spoken


def test_the_old_key_opens_nothing_and_is_gone(house, ann, bob, voices):
    for caller in (ann, bob):
        caller.post("/v1/speech", json=order(voices.ready(caller)))
    keys = house.ports.keys
    old = house.run(keys.account, ann.account_id)
    rotate(house, ann)
    generation = ann.get("/v1/history").json()["items"][0]["id"]

    async def stored():
        async with house.ports.database.transaction(write=False) as session:
            return (await session.get_one(GenerationRow, generation)).text

    ref = text_ref(ann.account_id, generation, "text")
    with pytest.raises(Unsealable):
        house.ports.keyring.open(old, ref, house.run(stored))
    assert house.run(keys.former, ann.account_id) == []
    assert bob.get("/v1/history").json()["items"][0]["text"] == "你好,世界。"


def test_a_rotation_that_was_cut_off_still_opens_and_is_completed_by_the_next(house, ann, voices):
    ann.post("/v1/speech", json=order(voices.ready(ann)))
    house.run(house.ports.keys.rotate_account, ann.account_id)
    item = ann.get("/v1/history").json()["items"][0]
    assert item["text"] == "你好,世界。"
    assert ann.get(f"/v1/history/{item['id']}/marks").json()["items"]
    assert rotate(house, ann).objects == 1
    assert ann.get("/v1/history").json()["items"][0]["text"] == "你好,世界。"


def test_a_consent_without_a_voice_is_sealed_anew(house, ann):
    from yinse.serving.fake import recording

    files = {"recording": ("c.wav", recording(300, 2), "audio/wav")}
    made = ann.post("/v1/audio/voice_consents", data={"name": "me", "language": "en"}, files=files)
    assert made.status_code < 300
    assert rotate(house, ann).objects == 1
    assert rotate(house, ann).objects == 1
