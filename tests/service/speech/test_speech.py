import asyncio
import base64
import gc
import io
import json
import logging
import re
from contextlib import aclosing
from datetime import timedelta

import av
import pytest

from yinse.contracts.speech import AudioChunk, Failed
from yinse.service.context import Context
from yinse.service.jobs import queue
from yinse.service.jobs.worker import Task
from yinse.service.options import LimitOptions
from yinse.service.principal import Principal, Role, Scope
from yinse.service.speech.preparation import prepare
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.speech.utterance import Utterance
from yinse.service.voices.deletion import delete_voice
from yinse.serving.fake import RATE, FakeSpeech, pitch_of
from yinse.vault.keyring import Keyring
from yinse.vault.roots import retire_root_keys, rotate_root_file


def pcm(answer):
    return answer.content


def say(caller, voice, text="你好,世界。", **order):
    return caller.post("/v1/speech", json={"text": text, "voice": voice, "format": "pcm", **order})


def usage(caller):
    return caller.get("/v1/me").json()["characters_used"]


def test_a_voice_speaks_in_its_own_pitch(ann, voices):
    answer = say(ann, voices.ready(ann, pitch=300))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/pcm"
    assert len(pcm(answer)) == 6 * 2 * round(0.06 * RATE)
    assert pitch_of(pcm(answer)) == pytest.approx(300, rel=0.02)
    assert usage(ann) == 6


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "opus", "aac"])
def test_players_play_what_is_streamed(ann, voices, name):
    answer = say(ann, voices.ready(ann, pitch=440), "字" * 30, format=name)
    with av.open(io.BytesIO(answer.content)) as container:
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert seconds == pytest.approx(30 * 0.06, abs=0.2)


def test_the_same_seed_gives_the_same_audio(ann, voices):
    voice = voices.ready(ann)
    first = say(ann, voice, controls={"seed": 7})
    assert say(ann, voice, controls={"seed": 7}).content == first.content
    assert say(ann, voice, controls={"seed": 8}).content != first.content
    drawn = say(ann, voice)
    again = say(ann, voice, controls={"seed": int(drawn.headers["yinse-seed"])})
    assert again.content == drawn.content


def test_a_voice_can_be_called_by_its_name_within_its_account(ann, bob, voices):
    voices.ready(ann, name="小明", pitch=300)
    assert say(ann, "小明").status_code == 200
    assert say(bob, "小明").status_code == 404


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"text": ""}, 422, "invalid_input"),
        ({"text": " \n "}, 422, "empty_text"),
        ({"text": "字" * 5001}, 413, "too_large"),
        ({"format": "midi"}, 422, "invalid_input"),
        ({"language": "fr"}, 422, "invalid_input"),
        ({"controls": {"speed": 9}}, 422, "invalid_input"),
        ({"controls": {"seed": -1}}, 422, "invalid_input"),
        ({"voice": "voice_nobody"}, 404, "not_found"),
        ({"voice": "../../etc/passwd"}, 404, "not_found"),
        ({"voice": "' OR 1=1 --"}, 404, "not_found"),
        ({"version": "ver_other"}, 404, "not_found"),
        ({"parent_id": "gen_other"}, 404, "not_found"),
        ({"dictionaries": [{"id": "dict_other"}]}, 404, "not_found"),
        ({"format": "mp3", "sample_rate": 44000}, 422, "invalid_input"),
    ],
)
def test_what_cannot_be_spoken_is_refused_and_free(ann, voices, order, status, code):
    voice = voices.ready(ann)
    answer = ann.post("/v1/speech", json={"text": "你好", "voice": voice, **order})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert usage(ann) == 0


def test_a_voice_that_is_not_ready_says_why(ann, voices):
    voice = voices.create(ann)
    answer = say(ann, voice)
    assert (answer.status_code, answer.json()["code"]) == (409, "voice_pending")
    voices.work()
    ann.post(f"/v1/voices/{voice}/revoke")
    assert say(ann, voice).json()["code"] == "voice_revoked"


def test_the_monthly_quota_is_kept_and_says_when_it_ends(house, ann, voices):
    voice = voices.ready(ann)

    async def lower():
        from yinse.service.accounts.tables import AccountRow

        async with house.ports.database.transaction() as session:
            (await session.get_one(AccountRow, ann.account_id)).characters_monthly = 10

    house.run(lower)
    assert say(ann, voice, "123456").status_code == 200
    answer = say(ann, voice, "123456")
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    assert int(answer.headers["retry-after"]) == pytest.approx(10.5 * 86400, rel=0.01)
    told = answer.json()
    assert str(told["retry_after"]) == answer.headers["retry-after"]
    assert (told["quota"], told["remaining"]) == ("account", 4)
    house.clock.forward(days=12)
    assert say(ann, voice, "123456").status_code == 200


def test_a_grantee_speaks_within_the_grant(ann, bob, voices):
    voice, grant = voices.shared(ann, bob, character_quota=10)
    assert say(bob, voice, "123456").status_code == 200
    told = say(bob, voice, "123456").json()
    assert (told["code"], told["quota"], told["remaining"]) == ("quota_exceeded", "grant", 4)
    assert ann.get(f"/v1/voices/{voice}/grants").json()["items"][0]["characters_used"] == 6
    assert usage(bob) == 6
    ann.delete(f"/v1/grants/{grant}")
    assert say(bob, voice, "1").status_code == 404


def test_at_capacity_the_service_says_so_and_charges_nothing(house, ann, voices):
    voice = voices.ready(ann)
    house.ports.speech._slots = 0
    answer = say(ann, voice)
    assert (answer.status_code, answer.json()["code"]) == (503, "at_capacity")
    assert answer.headers["retry-after"] == "1"
    assert usage(ann) == 0


def test_a_broken_engine_is_our_fault_and_free(house, ann, voices, monkeypatch):
    from yinse.serving import fake

    voice = voices.ready(ann)
    monkeypatch.setattr(fake, "_speak", lambda *_: 1 / 0)
    answer = say(ann, voice)
    assert (answer.status_code, answer.json()["code"]) == (502, "backend_failed")
    assert usage(ann) == 0
    assert ann.get("/v1/history").json()["items"] == []


def test_history_keeps_text_and_audio_sealed(house, ann, voices):
    voice = voices.ready(ann)
    spoken = say(ann, voice, "我的秘密日记", format="opus")
    item = ann.get("/v1/history").json()["items"][0]
    assert item["text"] == "我的秘密日记"
    assert (item["voice_id"], item["characters"], item["has_audio"]) == (voice, 6, True)
    assert str(item["seed"]) == spoken.headers["yinse-seed"]
    assert ann.get(f"/v1/history/{item['id']}/audio").content == spoken.content
    for path in house.home.rglob("*"):
        if path.is_file():
            assert "秘密".encode() not in path.read_bytes(), path
            assert json.dumps("秘密")[1:-1].encode() not in path.read_bytes(), path
            assert b"OggS" not in path.read_bytes(), path


def test_nothing_is_kept_when_that_is_asked(house, ann, voices):
    say(ann, voices.ready(ann), store=False)
    assert ann.get("/v1/history").json()["items"] == []
    assert len([path for path in (house.home / "objects").rglob("*") if path.is_file()]) == 2


def test_history_pages_filters_and_deletes(ann, voices):
    voice, other = voices.ready(ann), voices.ready(ann, name="other", pitch=300)
    for index in range(3):
        say(ann, voice, f"number {index}")
    say(ann, other)
    first = ann.get("/v1/history", params={"limit": 2, "voice_id": voice}).json()
    assert [item["text"] for item in first["items"]] == ["number 2", "number 1"]
    params = {"limit": 2, "voice_id": voice, "before": first["next"]}
    second = ann.get("/v1/history", params=params).json()
    assert ([item["text"] for item in second["items"]], second["next"]) == (["number 0"], None)
    gone = second["items"][0]["id"]
    assert ann.delete(f"/v1/history/{gone}").status_code == 204
    assert ann.get(f"/v1/history/{gone}").status_code == 404


@pytest.mark.parametrize("way", ["asked", "too old"])
def test_audio_that_is_forgotten_while_the_store_is_away_goes_when_it_is_back(
    house, ann, voices, monkeypatch, way
):
    from yinse.contracts.refusals import BackendFailed
    from yinse.service.history.retention import forget_old

    async def away(path):
        raise BackendFailed("The object store does not answer.")

    generation = say(ann, voices.ready(ann)).headers["yinse-generation-id"]
    kept = list((house.home / "objects").rglob("obj_gen_*"))
    with monkeypatch.context() as patch:
        patch.setattr(house.ports.blobs, "delete", away)
        if way == "asked":
            assert ann.delete(f"/v1/history/{generation}").status_code == 204
        else:
            house.clock.forward(days=house.ports.options.history_days + 1)
            house.run(forget_old, house.ports)
        voices.work()
    assert ann.get("/v1/history").json()["items"] == []
    assert list((house.home / "objects").rglob("obj_gen_*")) == kept != []
    house.clock.forward(minutes=5)
    voices.work()
    assert not list((house.home / "objects").rglob("obj_gen_*"))


def test_a_revision_knows_its_parent(ann, voices):
    voice = voices.ready(ann)
    parent = say(ann, voice, "first").headers["yinse-generation-id"]
    say(ann, voice, "second", parent_id=parent)
    assert ann.get("/v1/history").json()["items"][0]["parent_id"] == parent


def test_timestamps_cover_every_character(ann, voices):
    voice = voices.ready(ann)
    order = {"text": "你 好。", "voice": voice, "format": "wav"}
    timed = ann.post("/v1/speech/timestamps", json=order).json()
    alignment = timed["alignment"]
    assert alignment["characters"] == list("你 好。")
    starts, ends = alignment["character_start_times_seconds"], alignment["character_end_times_seconds"]
    assert starts == pytest.approx([0, 0.06, 0.12, 0.18])
    assert ends == pytest.approx([0.06, 0.06, 0.18, 0.24])
    assert base64.b64decode(timed["audio_base64"]).startswith(b"RIFF")
    assert [mark["symbol"] for mark in timed["phonemes"]] == ["你", "好", "。"]
    assert {mark["symbol"] for mark in timed["visemes"]} == {"aa"}


@pytest.mark.parametrize("limits", [LimitOptions(answer_bytes=100_000)])
@pytest.mark.parametrize("path", ["/v1/speech/timestamps", "/tts"])
def test_what_is_answered_whole_is_not_of_any_size(ann, voices, path):
    """Slow speech at 192 kHz would be gigabytes, several times over."""
    voice = voices.ready(ann)
    order = {"text": "字" * 100, "voice": voice, "format": "wav", "sample_rate": 192_000}
    if path == "/tts":
        order = {"text": "字" * 100, "ref_audio_path": voice}
    answer = ann.post(path, json=order)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert 0 < usage(ann) < 100
    assert ann.get("/v1/history").json()["items"] == []


def test_deleting_a_voice_takes_its_history_and_links_along(house, ann, voices):
    voice = voices.ready(ann)
    voices.consent(ann, voice)
    say(ann, voice)
    item = ann.get("/v1/history").json()["items"][0]
    link = (
        ann.post(f"/v1/history/{item['id']}/link", json={})
        .json()["url"]
        .removeprefix("http://127.0.0.1:8700")
    )
    assert house.client.get(link).status_code == 200
    ann.delete(f"/v1/voices/{voice}")
    assert house.client.get(link).status_code == 404
    assert ann.get(f"/v1/history/{item['id']}/audio").status_code == 404
    assert say(ann, voice).status_code == 404
    voices.work()
    assert [path for path in (house.home / "objects").rglob("*") if path.is_file()] == []


def test_a_store_that_fails_at_the_very_end_is_an_error_and_not_a_wait_for_ever(
    house, ann, voices, monkeypatch
):
    from yinse.contracts.errors import StorageFull
    from yinse.service.speech.utterance import _Keeper

    voice, write, written = voices.ready(ann), _Keeper.write, asyncio.Queue()

    async def counted(self, data):
        await write(self, data)
        written.put_nowait(data)

    async def full(path, chunks):
        for _ in range(8):  # as many as the keeper's queue holds; none is taken out of it
            await written.get()
        raise StorageFull("The object store is full; nothing was kept.")

    monkeypatch.setattr(_Keeper, "write", counted)
    monkeypatch.setattr(house.ports.blobs, "put", full)
    order = {"text": "字" * 40, "voice": voice, "format": "pcm"}
    answer = ann.post("/v1/speech/timestamps", json=order)
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")


def test_what_ends_in_the_moment_its_voice_is_deleted_is_not_kept(house, ann, voices, monkeypatch):
    from yinse.service.speech.utterance import _Keeper

    voice, finish = voices.ready(ann), _Keeper.finish

    async def late(self):
        stored = await finish(self)
        async with house.ports.database.transaction() as session:
            principal = Principal(ann.account_id, Role.CREATOR, frozenset(), "test")
            await delete_voice(Context(session, house.ports, principal), voice)
        return stored

    monkeypatch.setattr(_Keeper, "finish", late)
    assert say(ann, voice).status_code == 200
    assert ann.get("/v1/history").json()["items"] == []
    voices.work()
    assert [path for path in (house.home / "objects").rglob("*") if path.is_file()] == []


def test_a_link_needs_consent_expires_and_cannot_be_forged(house, ann, voices):
    voice = voices.ready(ann)
    generation = say(ann, voice).headers["yinse-generation-id"]
    path = f"/v1/history/{generation}/link"
    assert ann.post(path, json={}).json()["code"] == "consent_required"
    voices.consent(ann, voice)
    url = ann.post(path, json={"seconds": 60}).json()["url"]
    link = url.removeprefix("http://127.0.0.1:8700")
    body, mac = link.rsplit(".", 1)
    later = body.rsplit(".", 1)[0] + ".9999999999." + mac
    assert house.client.get(link).status_code == 200
    assert house.client.get(later).status_code == 404
    assert house.client.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404
    house.clock.forward(seconds=61)
    assert house.client.get(link).status_code == 404


def test_ratings_become_numbers_and_advice(ann, voices):
    voice = voices.ready(ann)
    path = f"/v1/voices/{voice}/feedback"
    assert ann.get(path).json()["suggestions"][0]["action"] == "collect"
    for stars in (1, 2, 2, 3, 2):
        generation = say(ann, voice).headers["yinse-generation-id"]
        rated = ann.put(f"/v1/history/{generation}/rating", json={"rating": stars, "reason": "robotic"})
        assert rated.json()["rating"] == stars
    found = ann.get(path).json()
    assert (found["weeks"][0]["mean_rating"], found["weeks"][0]["rated"]) == (2.0, 5)
    assert found["versions"][0]["mean_rating"] == 2.0
    assert set(found["suggestions"][0]["reason"]) == {"zh", "en", "ja"}
    assert ann.put(f"/v1/history/{generation}/rating", json={"rating": 6}).status_code == 422


def test_dictionaries_have_versions_that_reach_the_engine(house, ann, voices, monkeypatch):
    from yinse.serving.fake import FakeSpeech

    voice, seen, original = voices.ready(ann), [], FakeSpeech.stream

    def watch(self, request):
        seen.append(request.lexicon)
        return original(self, request)

    monkeypatch.setattr(FakeSpeech, "stream", watch)
    rules = [{"written": "Yinse", "alias": "音色"}]
    made = ann.post("/v1/dictionaries", json={"name": "names", "rules": rules}).json()
    path = f"/v1/dictionaries/{made['id']}"
    ann.put(f"{path}/rules", json={"rules": [{"written": "Yinse", "phonemes": ["y", "in1"]}]})
    say(ann, voice, dictionaries=[{"id": made["id"]}])
    say(ann, voice, dictionaries=[{"id": made["id"], "version": 1}])
    assert [(rule.alias, rule.phonemes) for (rule,) in seen] == [(None, ("y", "in1")), ("音色", None)]
    assert ann.get(path, params={"version": 1}).json()["rules"][0]["alias"] == "音色"
    both = [{"written": "x", "alias": "y", "phonemes": ["z"]}]
    assert ann.put(f"{path}/rules", json={"rules": both}).status_code == 422
    assert ann.delete(path).status_code == 204
    assert ann.get(path).status_code == 404


@pytest.mark.parametrize("limits", [LimitOptions(dictionaries=2, dictionary_versions=3)])
def test_an_account_keeps_so_many_dictionaries_and_versions_and_no_more(ann):
    """A megabyte each, ten a second: they would fill the disk."""
    new = {"name": "d", "rules": [{"written": "a", "alias": "b"}]}
    made = [ann.post("/v1/dictionaries", json=new) for _ in range(3)]
    assert [answer.status_code for answer in made] == [201, 201, 409]
    assert made[-1].json()["code"] == "too_many_dictionaries"
    path = f"/v1/dictionaries/{made[0].json()['id']}"
    for _ in range(4):
        ann.put(f"{path}/rules", json={"rules": new["rules"]}).raise_for_status()
    found = [ann.get(path, params={"version": version}).status_code for version in range(1, 6)]
    assert found == [404, 404, 200, 200, 200]


def test_a_long_text_is_a_job_that_ends_in_history(house, ann, voices):
    voice = voices.ready(ann)
    text = "这是一个很长的故事。" * 100
    job = ann.post("/v1/speech/jobs", json={"text": text, "voice": voice, "format": "flac"}).json()
    assert usage(ann) == 1000
    assert 'yinse_queue_jobs{state="queued"} 1.0' in house.client.get("/metrics").text
    voices.work()
    done = ann.get(f"/v1/jobs/{job['id']}").json()
    assert (done["state"], done["result"]["seconds"]) == ("succeeded", pytest.approx(60.0))
    item = ann.get(f"/v1/history/{done['result']['generation_id']}").json()
    assert (item["text"], item["source"]) == (text, "job")
    assert ann.get(f"/v1/history/{item['id']}/audio").content.startswith(b"fLaC")
    assert not list((house.home / "objects").rglob("part_*"))
    page = house.client.get("/metrics").text
    spoken = re.search(r"^yinse_spoken_seconds_total (\S+)", page, re.MULTILINE)
    assert float(spoken[1]) == pytest.approx(60.0)
    assert 'yinse_queue_jobs{state="queued"} 0.0' in page


def test_an_interrupted_job_goes_on_where_it_was(house, ann, voices, monkeypatch):
    from yinse.serving.fake import FakeSpeech

    voice, spoken, original = voices.ready(ann), [], FakeSpeech.stream

    async def breaking(self, request):
        spoken.append(request.text)
        if len(spoken) == 2:
            raise RuntimeError("power cut")
        async for event in original(self, request):
            yield event

    monkeypatch.setattr(FakeSpeech, "stream", breaking)
    text = "".join(f"第{index}句话说完了。" for index in range(100))
    job = ann.post("/v1/speech/jobs", json={"text": text, "voice": voice}).json()
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["state"] == "queued"
    house.clock.forward(minutes=2)
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["state"] == "succeeded"
    assert spoken[1] == spoken[2]
    assert "".join([spoken[0], *spoken[2:]]) == text


def test_a_long_text_goes_on_under_the_next_root_key(house, ann, voices, monkeypatch):
    voice, original, spoken = voices.ready(ann), FakeSpeech.stream, []

    async def rotating(self, request):
        spoken.append(request.text)
        if len(spoken) == 2:
            rotate_root_file(house.home / "root.json")
            await house.ports.keys.rotate_root()
            retire_root_keys(house.home / "root.json")
        async for event in original(self, request):
            yield event

    monkeypatch.setattr(FakeSpeech, "stream", rotating)
    job = ann.post("/v1/speech/jobs", json={"text": "字" * 900, "voice": voice}).json()["id"]
    for _ in range(2):
        voices.work()
        house.clock.forward(minutes=2)
    assert ann.get(f"/v1/jobs/{job}").json()["state"] == "succeeded"


def test_cancelling_a_long_job_gives_the_characters_back(ann, voices):
    voice = voices.ready(ann)
    job = ann.post("/v1/speech/jobs", json={"text": "字" * 6000, "voice": voice}).json()
    assert usage(ann) == 6000
    ann.post(f"/v1/jobs/{job['id']}/cancel")
    assert usage(ann) == 0
    assert 'yinse_jobs_total{kind="speech",state="cancelled"} 1.0' in ann.get("/metrics").text


def test_what_was_spoken_of_a_job_that_ends_early_is_purged(house, ann, voices, monkeypatch):
    voice = voices.ready(ann)
    job = ann.post("/v1/speech/jobs", json={"text": "字" * 900, "voice": voice}).json()

    async def cancelled_after_the_first_part(task, fraction):
        await asyncio.to_thread(ann.post, f"/v1/jobs/{job['id']}/cancel")
        await original(task, fraction)

    original = Task.progress
    monkeypatch.setattr(Task, "progress", cancelled_after_the_first_part)
    voices.work()
    assert len(list((house.home / "objects").rglob("part_*"))) == 1
    house.clock.forward(minutes=5)
    voices.work()
    assert not list((house.home / "objects").rglob("part_*"))
    assert [one["state"] for one in ann.get("/v1/jobs").json()["items"]][-2:] == ["cancelled", "succeeded"]


@pytest.mark.parametrize("end", ["revoke", "delete"])
def test_a_guest_whose_long_text_ends_with_the_voice_gets_the_characters_back(ann, bob, voices, end):
    voice, _ = voices.shared(ann, bob, character_quota=7000)
    bob.post("/v1/speech/jobs", json={"text": "字" * 6000, "voice": voice}).raise_for_status()
    assert usage(bob) == 6000
    if end == "revoke":
        ann.post(f"/v1/voices/{voice}/revoke").raise_for_status()
    else:
        ann.delete(f"/v1/voices/{voice}").raise_for_status()
    assert usage(bob) == 0


def test_a_long_text_whose_workers_die_again_and_again_gives_the_characters_back(house, ann, voices):
    voice = voices.ready(ann)
    ann.post("/v1/speech/jobs", json={"text": "字" * 6000, "voice": voice})
    lease = timedelta(seconds=30)
    for _ in range(5):
        assert house.run(queue.claim, house.ports.database, "dies", house.clock.now, lease) is not None
        house.clock.forward(seconds=31)
    voices.work()
    (job,) = (one for one in ann.get("/v1/jobs").json()["items"] if one["kind"] == "speech")
    assert job["error"]["code"] == "worker_lost"
    assert usage(ann) == 0


def payload_of(house, job):
    from yinse.service.jobs.tables import JobRow

    async def read():
        async with house.ports.database.transaction(write=False) as session:
            return (await session.get_one(JobRow, job["id"])).payload

    return house.run(read)


def test_the_queue_keeps_no_text_of_a_job_that_has_ended(house, ann, voices):
    voice = voices.ready(ann)
    spoken, cancelled = (
        ann.post("/v1/speech/jobs", json={"text": "一句话。" * 20, "voice": voice}).json() for _ in range(2)
    )
    assert payload_of(house, spoken)["order"]
    ann.post(f"/v1/jobs/{cancelled['id']}/cancel")
    voices.work()
    for job in (spoken, cancelled):
        assert "order" not in payload_of(house, job)


def test_long_texts_are_encoded_beside_the_loop_that_answers(house, ann, voices, monkeypatch):
    import threading

    from yinse.service.speech import tasks

    voice, threads, encoder_for = voices.ready(ann), set(), tasks.encoder_for

    def watched(*arguments):
        encoder = encoder_for(*arguments)
        for name in ("encode", "finish"):
            monkeypatch.setattr(encoder, name, noted(getattr(encoder, name)))
        return encoder

    def noted(method):
        def call(*arguments):
            threads.add(threading.current_thread())
            return method(*arguments)

        return call

    async def loop():
        return threading.current_thread()

    monkeypatch.setattr(tasks, "encoder_for", watched)
    ann.post("/v1/speech/jobs", json={"text": "一句话。" * 20, "voice": voice})
    voices.work()
    assert threads
    assert house.run(loop) not in threads


def test_a_voice_that_is_deleted_while_it_speaks_is_cut_off_and_is_no_error_of_ours(
    house, ann, voices, monkeypatch, caplog
):
    voice, original = voices.ready(ann), FakeSpeech.stream

    async def deleting(self, request):
        spoken = 0
        async for event in original(self, request):
            yield event
            spoken += 1
            if spoken == 40:
                await asyncio.to_thread(ann.delete, f"/v1/voices/{voice}")

    monkeypatch.setattr(FakeSpeech, "stream", deleting)
    with caplog.at_level(logging.INFO):
        say(ann, voice, "字" * 200)
        gc.collect()
        ann.get("/v1/me")  # the loop goes on, and tells of tasks that were lost
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "an answer was cut off" in [record.message for record in caplog.records]
    page = ann.get("/metrics").text
    assert 'yinse_speech_broken_total{code="voice_gone"} 1.0' in page
    assert 'yinse_refusals_total{code="error"}' not in page
    assert not list((house.home / "objects").rglob("obj_gen_*"))


@pytest.mark.parametrize("long", [False, True], ids=["stream", "job"])
def test_a_guest_whose_grant_is_taken_back_is_cut_off(ann, bob, voices, monkeypatch, long):
    voice, grant = voices.shared(ann, bob, character_quota=7000)
    original, spoken = FakeSpeech.stream, []

    async def taking_back(self, request):
        async for event in original(self, request):
            spoken.append(event)
            if len(spoken) == 40:
                await asyncio.to_thread(ann.delete, f"/v1/grants/{grant}")
            yield event

    monkeypatch.setattr(FakeSpeech, "stream", taking_back)
    monkeypatch.setattr("yinse.service.speech.utterance.GRANT_SECONDS", 0.0)
    if long:
        job = bob.post("/v1/speech/jobs", json={"text": "字" * 6000, "voice": voice}).json()["id"]
        voices.work()
        assert bob.get(f"/v1/jobs/{job}").json()["error"]["code"] == "permission_denied"
        assert usage(bob) == 0
    else:
        say(bob, voice, "字" * 2000)
        assert 0 < usage(bob) < 200
        assert 'yinse_speech_broken_total{code="permission_denied"} 1.0' in bob.get("/metrics").text
    assert len(spoken) < 200
    assert bob.get("/v1/history").json()["items"] == []


@pytest.mark.parametrize("way", ["history", "link", "recording"])
def test_what_is_being_downloaded_ends_with_its_voice(house, ann, voices, monkeypatch, way):
    voice, original, sent = voices.ready(ann), Keyring.get, []
    voices.consent(ann, voice)
    generation = say(ann, voice, "字" * 200).headers["yinse-generation-id"]
    recording = ann.get(f"/v1/voices/{voice}/recordings").json()["items"][0]["id"]
    link = ann.post(f"/v1/history/{generation}/link", json={}).json()["url"].partition("8700")[2]
    paths = {
        "history": f"/v1/history/{generation}/audio",
        "recording": f"/v1/voices/{voice}/recordings/{recording}/audio",
        "link": link,
    }

    async def deleting(*arguments):
        plain = b"".join([chunk async for chunk in original(*arguments)])
        yield plain[:1000]
        await asyncio.to_thread(ann.delete, f"/v1/voices/{voice}")
        for start in range(1000, len(plain), 1000):
            sent.append(start)
            yield plain[start : start + 1000]

    assert len(ann.get(paths[way]).content) > 5000
    monkeypatch.setattr(Keyring, "get", deleting)
    ann.get(paths[way])
    assert len(sent) == 1
    assert house.ports.live.count == 0


def test_a_download_goes_on_while_another_version_is_chosen(house, ann, voices, monkeypatch):
    voice, original = voices.ready(ann), Keyring.get
    generation = say(ann, voice, "字" * 200).headers["yinse-generation-id"]
    whole = ann.get(f"/v1/history/{generation}/audio").content

    async def choosing(*arguments):
        async for chunk in original(*arguments):
            for start in range(0, len(chunk), 1000):
                house.ports.live.stop(voice)
                yield chunk[start : start + 1000]

    monkeypatch.setattr(Keyring, "get", choosing)
    assert ann.get(f"/v1/history/{generation}/audio").content == whole


def test_a_candidate_can_be_heard_before_it_is_chosen(ann, voices):
    voice = voices.ready(ann, pitch=300)
    ann.post(f"/v1/voices/{voice}/adapt", json={})
    voices.work()
    candidate = ann.get(f"/v1/voices/{voice}/versions").json()["items"][0]["id"]
    before, other = say(ann, voice, "字" * 20), say(ann, voice, "字" * 20, version=candidate)
    assert pitch_of(other.content) > pitch_of(before.content)
    ann.post(f"/v1/voices/{voice}/versions/{candidate}/activate")
    assert pitch_of(say(ann, voice, "字" * 20).content) == pitch_of(other.content)


def test_the_audit_chain_has_digests_and_no_text(house, ann, voices):
    from sqlalchemy import select

    from yinse.service.audit.tables import AuditRow

    say(ann, voices.ready(ann), "我的秘密日记")

    async def read():
        async with house.ports.database.transaction(write=False) as session:
            rows = await session.scalars(select(AuditRow).where(AuditRow.action == "speech.spoken"))
            return rows.all()

    (row,) = house.run(read)
    assert row.details["characters"] == 6
    assert len(row.details["text_digest"]) == 64
    assert "秘密" not in str(row.details)


def test_a_listener_who_leaves_leaves_no_task_behind(house, ann, voices):
    """The store pulls what it is given by tasks of its own; cancelled, it would leave one of them for ever."""
    voice, lost = voices.ready(ann), []

    async def leave():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: lost.append(context["message"]))
        before = asyncio.all_tasks()
        async with house.ports.database.transaction() as session:
            principal = Principal(ann.account_id, Role.CREATOR, frozenset({Scope.SPEECH}), "key_x")
            ctx = Context(session, house.ports, principal)
            prepared = await prepare(ctx, SpeechOrder(text="字" * 200, voice=voice, format="pcm"))
        async with aclosing(Utterance(house.ports, prepared).encoded()) as stream:
            await anext(stream)
        left = [task for task in asyncio.all_tasks() - before if not task.done()]
        loop.set_exception_handler(None)
        return left

    assert house.run(leave) == []
    assert lost == []
    assert not list((house.home / "objects").rglob("obj_gen_*"))


def test_lines_that_break_before_their_first_timing_end_with_the_problem(ann, voices, monkeypatch):
    voice, original = voices.ready(ann), FakeSpeech.stream

    async def breaking(self, request):
        async for event in original(self, request):
            if isinstance(event, AudioChunk):
                yield event
                yield Failed("synthesis_failed", "It broke.")

    monkeypatch.setattr(FakeSpeech, "stream", breaking)
    order = {"text": "你好", "voice": voice, "format": "pcm"}
    answer = ann.post("/v1/speech/lines", json=order)
    first, last = map(json.loads, answer.text.splitlines())
    assert first["audio_base64"]
    assert last["problem"]["detail"] == "It broke."
