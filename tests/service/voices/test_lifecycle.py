import json
import time

import httpx
import pytest

from service.conftest import stored
from yinse.serving.fake import recording
from yinse.vault.receipts import verify


def upload(*pitches, seconds=2.0):
    return [("files", (f"{i}.wav", recording(p, seconds), "audio/wav")) for i, p in enumerate(pitches)]


def test_recordings_become_a_voice(ann, voices):
    answer = ann.post(
        "/v1/voices",
        data={"name": "我的声音", "language": "zh", "labels": json.dumps({"mood": "calm"})},
        files=upload(220, 221),
    )
    assert answer.status_code == 202
    created = answer.json()
    assert (created["voice"]["state"], created["job"]["state"]) == ("pending", "queued")
    assert voices.work() == 1
    voice = ann.get(f"/v1/voices/{created['voice']['id']}").json()
    assert (voice["state"], voice["grade"], voice["owned"]) == ("ready", "good", True)
    assert voice["labels"] == {"mood": "calm"}
    assert voice["report"]["net_speech_s"] == pytest.approx(4.0)
    job = ann.get(f"/v1/jobs/{created['job']['id']}").json()
    assert (job["state"], job["progress"], job["result"]["accepted"]) == ("succeeded", 1.0, True)


def test_too_little_speech_is_rejected_with_advice(ann, voices):
    created = ann.post("/v1/voices", data={"name": "x"}, files=upload(220, seconds=0.2)).json()
    voices.work()
    voice = ann.get(f"/v1/voices/{created['voice']['id']}").json()
    assert voice["state"] == "rejected"
    assert voice["reason"]
    assert voice["report"]["checks"][0]["advice"]["zh"]


def test_unreadable_audio_fails_the_job_and_rejects_the_voice(ann, voices):
    broken = b"RIFF\x00\x00\x00\x00WAVEjunk" + bytes(100)
    created = ann.post("/v1/voices", data={"name": "x"}, files={"files": ("x.wav", broken)}).json()
    voices.work()
    assert ann.get(f"/v1/voices/{created['voice']['id']}").json()["state"] == "rejected"
    assert ann.get(f"/v1/jobs/{created['job']['id']}").json()["error"]["code"] == "audio_unreadable"


BROKEN = b"RIFF\x00\x00\x00\x00WAVEjunk" + bytes(100)


def test_of_several_recordings_the_one_that_fails_is_named_and_the_others_do_without_it(ann, voices):
    files = [*upload(220), ("files", ("b.wav", BROKEN)), *upload(222)]
    created = ann.post("/v1/voices", data={"name": "x"}, files=files).json()
    voice, broken = created["voice"]["id"], created["recordings"][1]
    assert voices.work() == 1
    assert ann.get(f"/v1/jobs/{created['job']['id']}").json()["error"]["recording"] == broken
    assert ann.delete(f"/v1/voices/{voice}/recordings/{broken}").status_code == 204
    again = ann.post(f"/v1/voices/{voice}/enrol")
    assert (again.status_code, ann.get(f"/v1/voices/{voice}").json()["state"]) == (202, "pending")
    voices.work()
    made = ann.get(f"/v1/voices/{voice}").json()
    assert (made["state"], made["reason"]) == ("ready", None)
    assert [one["recording"] for one in made["report"]["recordings"]] == sorted(
        {*created["recordings"]} - {broken}
    )


def test_a_report_says_which_recordings_a_voice_does_without(ann, voices):
    voice = voices.ready(ann)
    silent = recording(0, 2.0)
    added = ann.post(f"/v1/voices/{voice}/recordings", files={"files": ("b.wav", silent)}).json()
    voices.work()
    report = ann.get(f"/v1/voices/{voice}").json()["report"]
    usable = {one["recording"]: one["can_clone"] for one in report["recordings"]}
    assert usable.pop(added["recordings"][0]) is False
    assert list(usable.values()) == [True]


def test_without_any_recording_no_voice_is_made_anew(ann, voices):
    voice = voices.ready(ann)
    (kept,) = ann.get(f"/v1/voices/{voice}/recordings").json()["items"]
    ann.delete(f"/v1/voices/{voice}/recordings/{kept['id']}")
    answer = ann.post(f"/v1/voices/{voice}/enrol")
    assert (answer.status_code, answer.json()["code"]) == (422, "no_recording")


def test_a_file_that_is_no_recording_is_named_by_its_place_in_the_form(ann):
    files = [*upload(220, 222), ("files", ("c.zip", b"PK\x03\x04 an archive"))]
    answer = ann.post("/v1/voices", data={"name": "x"}, files=files)
    assert (answer.status_code, answer.json()["file"]) == (415, 2)


@pytest.mark.parametrize(
    ("data", "files", "status", "code"),
    [
        ({"name": "x"}, {"files": ("x.wav", b"MZ\x90\x00 a program")}, 415, "unsupported_media"),
        ({"name": "x"}, {"files": ("x.wav", b"")}, 415, "unsupported_media"),
        ({"name": "x"}, {"files": ("x.zip", b"PK\x03\x04 an archive")}, 415, "unsupported_media"),
        ({}, {"files": ("x.wav", recording(220, 0.1))}, 422, "invalid_input"),
        ({"name": "x", "language": "fr"}, {"files": ("x.wav", recording(220, 0.1))}, 422, "invalid_input"),
        ({"name": "x", "labels": "{"}, {"files": ("x.wav", recording(220, 0.1))}, 422, "invalid_input"),
        ({"name": "x", "colour": "red"}, {"files": ("x.wav", recording(220, 0.1))}, 422, "invalid_input"),
        ({"name": "a\x00b"}, {"files": ("x.wav", recording(220, 0.1))}, 422, "invalid_input"),
        ({"name": "y" * 70_000}, {"files": ("x.wav", recording(220, 0.1))}, 413, "too_large"),
    ],
)
def test_bad_uploads_are_refused_and_leave_nothing(house, ann, data, files, status, code):
    answer = ann.post("/v1/voices", data=data, files=files)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [path for path in (house.home / "objects").rglob("*") if path.is_file()] == []
    assert ann.get("/v1/voices").json()["items"] == []
    assert ann.get("/v1/jobs").json()["items"] == []


def test_a_form_without_files_or_cut_off_or_not_a_form_is_refused(ann):
    boundary = {"Content-Type": "multipart/form-data; boundary=b"}
    cases = [
        (
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n',
            boundary,
            "no_recording",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.wav"\r\n\r\nRIFF1234WAVE',
            boundary,
            "upload_cut_off",
        ),
        (b"--b\r\nnonsense\x00\r\n", boundary, "invalid_input"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", boundary, "invalid_input"),
        (b"{}", {"Content-Type": "application/json"}, "unsupported_media"),
        (b"", {}, "unsupported_media"),
    ]
    for body, headers, code in cases:
        answer = ann.post("/v1/voices", content=body, headers=headers)
        assert (answer.status_code // 100, answer.json()["code"]) == (4, code)


@pytest.mark.parametrize(
    "labels",
    ["[" * 60_000, '{"a":' * 10_000, "9" * 5000, '{"a": 1}', "[]", "null", '{"a": "' + "x" * 101 + '"}'],
)
@pytest.mark.parametrize("path", ["/v1/voices", "/v1/voices/add"])
def test_labels_of_any_shape_are_refused_and_leave_nothing(house, ann, labels, path):
    answer = ann.post(path, data={"name": "x", "labels": labels}, files=upload(220))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert [path for path in (house.home / "objects").rglob("*") if path.is_file()] == []


def test_a_form_of_very_many_parts_is_refused_before_all_of_it_is_read(ann):
    part = b'--b\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nx\r\n'
    body = b"".join(part % number for number in range(10_000)) + b"--b--\r\n"
    answer = ann.post("/v1/voices", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def until(true):
    """Wait for what somebody else does."""
    deadline = time.monotonic() + 30
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


@pytest.mark.parametrize("path", ["/v1/voices/{}/recordings", "/elevenlabs/v1/voices/{}/edit"])
def test_what_arrives_for_a_voice_that_is_deleted_meanwhile_is_not_kept(live, path):
    caller = live.caller("Ann")
    voice_id = caller.post("/v1/voices", data={"name": "x"}, files=upload(220)).json()["voice"]["id"]
    assert until(lambda: caller.get(f"/v1/voices/{voice_id}").json()["state"] == "ready")
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.wav"\r\n\r\n'
    body = part + recording(220, 2.0) + b"\r\n--b--\r\n"

    def slowly():
        yield body[:1000]
        assert httpx.delete(f"{live.url}/v1/voices/{voice_id}", headers=mine).status_code == 200
        yield body[1000:]

    mine = {"Authorization": f"Bearer {caller.key}"}
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = caller.post(path.format(voice_id), content=slowly(), headers=headers)
    assert answer.status_code in (404, 410), "gone when it was looked up again, or when its key was"
    assert until(lambda: not stored(live.home))


@pytest.mark.parametrize("end", ["key", "account"])
@pytest.mark.parametrize("path", ["/v1/voices", "/v1/voices/{}/recordings", "/v1/audio/voice_consents"])
def test_what_arrives_from_who_may_not_any_more_is_not_kept(live, path, end):
    caller = live.caller("Ann")
    voice_id = caller.post("/v1/voices", data={"name": "x"}, files=upload(220)).json()["voice"]["id"]
    assert until(lambda: caller.get(f"/v1/voices/{voice_id}").json()["state"] == "ready")
    made = caller.post("/v1/keys", json={"name": "phone", "scopes": ["voices:write"]}).json()
    before = len(stored(live.home))
    field = b"recording" if "consents" in path else b"files"
    part = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="x.wav"\r\n\r\n' % field
    fields = b"".join(
        b'\r\n--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s' % pair
        for pair in ((b"name", b"late"), (b"language", b"zh"))
    )
    body = part + recording(220, 2.0) + (b"" if "recordings" in path else fields) + b"\r\n--b--\r\n"

    def slowly():
        yield body[:1000]
        gone = f"/v1/keys/{made['id']}" if end == "key" else "/v1/me"
        assert httpx.delete(live.url + gone, headers=mine).status_code == 200
        yield body[1000:]

    mine = {"Authorization": f"Bearer {caller.key}"}
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Authorization": f"Bearer {made['key']}"}
    answer = httpx.post(live.url + path.format(voice_id), content=slowly(), headers=headers, timeout=30)
    assert answer.status_code in (401, 410), "refused, or its key was gone already"
    assert until(lambda: len(stored(live.home)) == (before if end == "key" else 0))


def test_recordings_that_come_at_once_are_not_more_than_a_voice_may_have(live):
    caller = live.caller("Ann")
    voice_id = caller.post("/v1/voices", data={"name": "x"}, files=upload(220)).json()["voice"]["id"]
    most = live.ports.options.limits.recordings
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.wav"\r\n\r\n%s\r\n'
        % recording(220, 0.1)
        for _ in range(most - 1)
    )
    headers = {"Authorization": f"Bearer {caller.key}", "Content-Type": "multipart/form-data; boundary=b"}
    url, answers = f"{live.url}/v1/voices/{voice_id}/recordings", []

    def first():
        yield body
        answers.append(httpx.post(url, content=body + b"--b--\r\n", headers=headers, timeout=30))
        yield b"--b--\r\n"

    answers.append(httpx.post(url, content=first(), headers=headers, timeout=30))
    assert [answer.status_code for answer in answers] == [202, 413]
    assert len(caller.get(f"/v1/voices/{voice_id}/recordings").json()["items"]) == most


def test_what_a_worker_writes_before_it_hears_of_the_deletion_goes_too(house, ann, voices):
    voice_id = voices.ready(ann)
    ann.delete(f"/v1/voices/{voice_id}").raise_for_status()
    voices.work()
    assert stored(house.home) == []

    async def late():
        yield b"a prompt that nobody can open"

    house.run(house.ports.blobs.put, f"{ann.account_id}/{voice_id}/obj_job_x_prompt", late())
    house.clock.forward(minutes=3)
    voices.work()
    assert stored(house.home) == []


def test_a_filename_is_never_a_path(house, ann):
    files = {"files": ("../../../../etc/passwd", recording(220, 2.0), "audio/wav")}
    assert ann.post("/v1/voices", data={"name": "x"}, files=files).status_code == 202
    stored = [path for path in (house.home / "objects").rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert "passwd" not in str(stored[0])


def test_an_upload_over_the_limit_is_refused_while_it_streams(house, ann, monkeypatch):
    limit = house.ports.options.limits.upload_bytes

    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.wav"\r\n\r\n'
        yield recording(220, 1.0)
        for _ in range(limit // (1 << 20) + 8):
            yield bytes(1 << 20)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = ann.post("/v1/voices", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert [path for path in (house.home / "objects").rglob("*") if path.is_file()] == []


def test_nothing_is_plain_on_disk(house, ann, voices):
    audio = recording(220, 2.0)
    answer = ann.post("/v1/voices", data={"name": "x"}, files={"files": ("x.wav", audio)})
    voices.work()
    for path in house.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert audio[100:400] not in content, path
            assert b"RIFF" not in content, path
            assert b'"pitch"' not in content, path
    assert answer.status_code == 202


def test_the_owner_hears_the_recording_again(ann, voices):
    audio = recording(220, 2.0)
    created = ann.post("/v1/voices", data={"name": "x"}, files={"files": ("x.wav", audio)}).json()
    path = f"/v1/voices/{created['voice']['id']}/recordings"
    item = ann.get(path).json()["items"][0]
    played = ann.get(f"{path}/{item['id']}/audio")
    assert played.content == audio
    assert played.headers["content-type"] == "audio/wav"


def test_a_recording_can_be_added_and_removed(house, ann, voices):
    voice_id = voices.ready(ann)
    path = f"/v1/voices/{voice_id}/recordings"
    assert ann.post(path, files=upload(221)).status_code == 202
    voices.work()
    items = ann.get(path).json()["items"]
    assert len(items) == 2
    assert [v["number"] for v in ann.get(f"/v1/voices/{voice_id}/versions").json()["items"]] == [2, 1]
    assert ann.delete(f"{path}/{items[0]['id']}").status_code == 204
    assert len(ann.get(path).json()["items"]) == 1
    assert ann.get(f"{path}/{items[0]['id']}/audio").status_code == 404


def test_a_voice_is_renamed(ann, voices):
    voice_id = voices.create(ann)
    assert ann.patch(f"/v1/voices/{voice_id}", json={"name": "new"}).json()["name"] == "new"
    assert ann.patch(f"/v1/voices/{voice_id}", json={"state": "ready"}).status_code == 422


def test_adapting_makes_a_candidate_that_is_chosen_and_can_be_undone(ann, voices):
    voice_id = voices.ready(ann)
    job = ann.post(f"/v1/voices/{voice_id}/adapt", json={"steps": 10}).json()
    assert ann.get(f"/v1/voices/{voice_id}").json()["state"] == "adapting"
    assert ann.post(f"/v1/voices/{voice_id}/adapt", json={}).status_code == 409
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["result"]["likeness"] == [0.71, 0.78]
    assert ann.get(f"/v1/voices/{voice_id}").json()["state"] == "ready"
    candidate, first = ann.get(f"/v1/voices/{voice_id}/versions").json()["items"]
    assert (candidate["state"], first["state"]) == ("candidate", "active")
    path = f"/v1/voices/{voice_id}/versions"
    assert ann.post(f"{path}/{candidate['id']}/activate").json()["state"] == "active"
    assert ann.post(f"{path}/{first['id']}/activate").json()["state"] == "active"
    states = [version["state"] for version in ann.get(path).json()["items"]]
    assert states == ["retired", "active"]


def test_cancelling_an_adaptation_leaves_the_voice_ready(ann, voices):
    voice_id = voices.ready(ann)
    job = ann.post(f"/v1/voices/{voice_id}/adapt", json={}).json()
    assert ann.post(f"/v1/jobs/{job['id']}/cancel").json()["state"] == "cancelled"
    assert ann.get(f"/v1/voices/{voice_id}").json()["state"] == "ready"
    assert voices.work() == 0


def test_cancelling_an_enrolment_rejects_the_voice(ann, voices):
    voice_id = voices.create(ann)
    job = ann.get("/v1/jobs").json()["items"][0]
    ann.post(f"/v1/jobs/{job['id']}/cancel")
    assert ann.get(f"/v1/voices/{voice_id}").json()["state"] == "rejected"


def test_deleting_answers_with_a_receipt_that_verifies(house, ann, voices):
    voice_id = voices.ready(ann)
    receipt = ann.delete(f"/v1/voices/{voice_id}").json()
    assert receipt["statement"]["voice_id"] == voice_id
    assert receipt["statement"]["object_count"] == 2
    public = house.client.get("/v1/receipts/key").json()["public_key"]
    assert verify(receipt["statement"], receipt["signature"], public)
    assert ann.get("/v1/receipts").json()["items"] == [receipt]
    for method in ("get", "delete"):
        assert getattr(ann, method)(f"/v1/voices/{voice_id}").status_code == 404
    assert voices.work() == 1
    assert [path for path in (house.home / "objects").rglob("*") if path.is_file()] == []


def test_a_revoked_voice_can_be_restored_by_its_owner(ann, voices):
    voice_id = voices.ready(ann)
    assert ann.post(f"/v1/voices/{voice_id}/revoke").json()["state"] == "revoked"
    assert ann.post(f"/v1/voices/{voice_id}/restore").json()["state"] == "ready"
    assert ann.post(f"/v1/voices/{voice_id}/restore").status_code == 409
