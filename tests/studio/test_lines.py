import base64
import json

from yinse.contracts.speech import AudioChunk, Failed
from yinse.serving.fake import recording


def make_voice(client):
    files = {"files": ("take.wav", recording(300, 2), "audio/wav")}
    made = client.post("/v1/voices", data={"name": "me"}, files=files).json()
    client.get(f"/v1/jobs/{made['job']['id']}/events")  # ends with the job
    return made["voice"]["id"]


def lines_of(client, order):
    answer = client.post("/v1/speech/lines", json=order)
    return answer, [json.loads(line) for line in answer.text.splitlines()]


def test_lines_carry_one_playable_file_and_every_character_in_time(ann):
    voice, text = make_voice(ann), "你好,我们去散步。"
    answer, lines = lines_of(ann, {"text": text, "voice": voice, "format": "wav", "controls": {"seed": 7}})
    assert answer.headers["content-type"] == "application/x-ndjson"
    audio = b"".join(base64.b64decode(line.get("audio_base64", "")) for line in lines)
    end = lines[-1]["finished"]
    kept = ann.get(f"/v1/history/{end['generation_id']}/audio").content
    # A stream does not know how long it becomes; the file that is kept does, and is the same otherwise.
    assert int.from_bytes(kept[4:8], "little") == len(kept) - 8
    lengths = [at for at, (one, other) in enumerate(zip(audio, kept, strict=True)) if one != other]
    data = kept.index(b"data")
    assert set(lengths) <= {*range(4, 8), *range(data + 4, data + 8)}
    assert audio.startswith(b"RIFF")
    marks = [mark for line in lines for mark in line.get("marks", [])]
    assert [mark["text_start"] for mark in marks] == list(range(len(text)))
    assert marks == sorted(marks, key=lambda mark: mark["start"])
    assert marks[-1]["end"] <= end["seconds"] + 1e-3
    assert ann.get(f"/v1/history/{end['generation_id']}/marks").json()["items"] == marks


def test_what_is_refused_before_the_first_sound_is_a_problem_with_a_status(ann):
    answer, _ = lines_of(ann, {"text": "hello", "voice": "voice_of_nobody", "format": "wav"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_what_breaks_on_the_way_is_the_last_line(ann, monkeypatch):
    voice = make_voice(ann)
    speech = ann.app.state.ports.speech
    whole = speech.stream

    async def breaking(request):
        async for event in whole(request):
            yield event
            if isinstance(event, AudioChunk):
                yield Failed("synthesis_failed", "The voice lost its way.")
                return

    monkeypatch.setattr(speech, "stream", breaking)
    _, lines = lines_of(ann, {"text": "hello there", "voice": voice, "format": "wav"})
    assert lines[0]["audio_base64"]
    assert lines[-1]["problem"]["detail"] == "The voice lost its way."
    assert ann.get("/v1/history").json()["items"] == []
