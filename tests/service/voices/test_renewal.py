"""After newer weights a voice is made anew of its recordings when it is asked for."""

import pytest

from yinse.contracts.refusals import Outdated
from yinse.serving.fake import FakeSpeech


@pytest.fixture
def upgraded(monkeypatch):
    """The engine's weights change: what was opened by then speaks no more."""
    opened, speak = set(), FakeSpeech.stream

    async def stream(self, request):
        prompt = request.voice.objects["prompt"].object_id
        if prompt in opened and upgrade.done:
            raise Outdated("This voice is being made anew.", retry_after=60)
        opened.add(prompt)
        async for event in speak(self, request):
            yield event

    class Upgrade:
        done = False

        def __call__(self):
            self.done = True

    upgrade = Upgrade()
    monkeypatch.setattr(FakeSpeech, "stream", stream)
    return upgrade


def say(caller, voice, **order):
    return caller.post(
        "/v1/speech",
        json={"text": "你好。", "voice": voice, "format": "pcm", "controls": {"seed": 1}} | order,
    )


def test_it_is_made_anew_once_and_speaks_again(ann, voices, upgraded):
    voice = voices.ready(ann)
    before = say(ann, voice)
    upgraded()
    for _ in range(2):
        refused = say(ann, voice)
        assert (refused.status_code, refused.json()["code"]) == (503, "voice_outdated")
        assert refused.headers["retry-after"] == "60"
    assert voices.work() == 1
    assert say(ann, voice).content == before.content
    new, old = ann.get(f"/v1/voices/{voice}/versions").json()["items"]
    assert (new["state"], old["state"]) == ("active", "retired")
    answer = say(ann, voice, version=old["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert voices.work() == 0


def test_what_was_refused_costs_nothing(ann, voices, upgraded):
    voice = voices.ready(ann)
    say(ann, voice)
    upgraded()
    say(ann, voice)
    count = ann.get("/v1/user/subscription", headers={"xi-api-key": ann.key}).json()["character_count"]
    assert count == len("你好。")


def test_an_adaptation_begins_again(ann, voices, upgraded):
    voice = voices.ready(ann)
    ann.post(f"/v1/voices/{voice}/adapt", json={})
    voices.work()
    candidate = ann.get(f"/v1/voices/{voice}/versions").json()["items"][0]
    ann.post(f"/v1/voices/{voice}/versions/{candidate['id']}/activate")
    say(ann, voice)
    upgraded()
    say(ann, voice)
    assert voices.work() == 2
    states = [(v["origin"], v["state"]) for v in ann.get(f"/v1/voices/{voice}/versions").json()["items"]]
    assert states[:2] == [("adaptation", "candidate"), ("enrolment", "active")]
    assert ann.get(f"/v1/voices/{voice}").json()["state"] == "ready"


def test_a_long_text_waits_and_is_spoken(ann, voices, upgraded, clock):
    voice = voices.ready(ann)
    say(ann, voice)
    upgraded()
    job = ann.post("/v1/speech/jobs", json={"text": "你好。", "voice": voice}).json()
    voices.work()
    clock.forward(minutes=2)
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["state"] == "succeeded"


def test_without_recordings_it_is_said(ann, voices, upgraded):
    voice = voices.ready(ann)
    say(ann, voice)
    (item,) = ann.get(f"/v1/voices/{voice}/recordings").json()["items"]
    ann.delete(f"/v1/voices/{voice}/recordings/{item['id']}")
    upgraded()
    answer = say(ann, voice)
    assert answer.status_code == 409
    assert "record it anew" in answer.json()["detail"]
