"""What recordings say travels with them: sealed, to the engine, and back to their owner."""

import json
import math

import pytest

from yinse.contracts.enrolment import ReadLine
from yinse.serving.fake import recording

LINES = [
    {"text": "今天天气真好。", "start": 0.0, "end": 2.5},
    {"text": "我们走吧。", "start": 2.5, "end": None},
]


def upload(*pitches):
    return [("files", (f"{i}.wav", recording(p, 2.0), "audio/wav")) for i, p in enumerate(pitches)]


@pytest.fixture
def heard(house, monkeypatch):
    """The words of every request that reaches the engine."""
    requests = []
    examine, adapt = house.ports.enrolment.examine, house.ports.training.adapt

    async def noted(request):
        requests.append(request.words)
        return await examine(request)

    def noted_too(request):
        requests.append(request.words)
        return adapt(request)

    monkeypatch.setattr(house.ports.enrolment, "examine", noted)
    monkeypatch.setattr(house.ports.training, "adapt", noted_too)
    return requests


def test_words_reach_the_engine_each_with_its_recording(ann, voices, heard):
    told = json.dumps([LINES, None, "  Hello there.  ", " "])
    files = upload(220, 221, 222, 223)
    created = ann.post("/v1/voices", data={"name": "me", "words": told}, files=files).json()
    voices.work()
    timed = (ReadLine("今天天气真好。", 0.0, 2.5), ReadLine("我们走吧。", 2.5, math.inf))
    by_words = sorted(heard[0], key=len, reverse=True)
    assert by_words == [timed, (ReadLine("  Hello there.  "),), (), ()]
    voice_id = created["voice"]["id"]
    assert ann.post(f"/v1/voices/{voice_id}/adapt", json={}).status_code == 202
    voices.work()
    assert heard[1] == heard[0]


def test_more_recordings_bring_their_own_words_and_keep_the_old(ann, voices, heard):
    data = {"name": "me", "words": json.dumps(["first"])}
    voice_id = ann.post("/v1/voices", data=data, files=upload(220)).json()["voice"]["id"]
    voices.work()
    more = {"words": json.dumps(["second"])}
    answer = ann.post(f"/v1/voices/{voice_id}/recordings", data=more, files=upload(221))
    assert answer.status_code == 202, answer.text
    voices.work()
    assert sorted(lines[0].text for lines in heard[-1]) == ["first", "second"]


def test_their_owner_reads_them_and_nobody_reads_them_on_the_disk(house, ann, bob, voices):
    words = json.dumps([LINES])
    created = ann.post("/v1/voices", data={"name": "me", "words": words}, files=upload(220)).json()
    path = f"/v1/voices/{created['voice']['id']}/recordings"
    assert ann.get(path).json()["items"][0]["words"] == LINES
    assert bob.get(path).status_code == 404
    voices.work()
    for file in (one for one in house.home.rglob("*") if one.is_file()):
        for written in ("今天天气", json.dumps("今天天气")[1:-1]):
            assert written.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(
    "words",
    [
        "hello",
        '{"text": "hello"}',
        "[7]",
        '["a", "b"]',
        '[[{"text": "a", "start": -1}]]',
        '[[{"text": "a", "start": 0, "end": NaN}]]',
        '[[{"start": 0}]]',
        json.dumps(["x" * 5001]),
    ],
)
def test_what_cannot_be_words_is_refused_and_leaves_nothing(house, ann, words):
    answer = ann.post("/v1/voices", data={"name": "me", "words": words}, files=upload(220))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "words" in answer.json()["detail"]
    assert [path for path in (house.home / "objects").rglob("*") if path.is_file()] == []


def test_a_voice_made_without_words_has_none(ann, voices, heard):
    voice_id = voices.ready(ann)
    assert heard == [((),)]
    assert ann.get(f"/v1/voices/{voice_id}/recordings").json()["items"][0]["words"] == []
