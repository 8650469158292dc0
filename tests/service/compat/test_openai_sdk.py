"""OpenAI's own Python SDK against a live server."""

import io
import time

import av
import openai
import pytest
from openai import OpenAI

from service.conftest import stored
from yinse.service.consents import phrases
from yinse.service.consents.tables import ConsentRow
from yinse.serving.fake import pitch_of, recording


@pytest.fixture
def caller(live):
    return live.caller("Ann")


@pytest.fixture
def client(live, caller):
    with OpenAI(base_url=f"{live.url}/v1", api_key=caller.key, max_retries=0) as client:
        yield client


def clone(client, pitch=300, consent_pitch=None, said=None):
    phrase = phrases.fixed("zh", "Yinse") if said is None else said
    spoken = recording(consent_pitch or pitch, 2, said=phrase)
    consent = client.audio.voice_consents.create(
        name="Ann", language="zh-CN", recording=("consent.wav", spoken, "audio/wav")
    )
    sample = ("sample.wav", recording(pitch, 3), "audio/wav")
    return client.audio.voices.create(name="ann", audio_sample=sample, consent=consent.id)


def test_consent_then_voice_then_speech(client):
    voice = clone(client)
    assert voice.object == "audio.voice"
    for handle in (voice.id, {"id": voice.id}, "ann"):
        spoken = client.audio.speech.create(
            model="gpt-4o-mini-tts", voice=handle, input="你好,世界。", response_format="pcm", speed=1.0
        )
        assert pitch_of(spoken.content, 24000) == pytest.approx(300, rel=0.02)


def test_speech_streams_in_every_format(client):
    voice = clone(client)
    for name in ("mp3", "opus", "aac", "flac", "wav"):
        with client.audio.speech.with_streaming_response.create(
            model="tts-1", voice=voice.id, input="字" * 30, response_format=name
        ) as response:
            data = b"".join(response.iter_bytes())
        with av.open(io.BytesIO(data)) as container:
            seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
        assert seconds == pytest.approx(1.8, abs=0.2)


def test_speech_as_events(client):
    import base64
    import json

    voice = clone(client)
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice=voice.id, input="你好", response_format="pcm", stream_format="sse"
    ) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: ")]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["type"] for event in events] == ["speech.audio.delta", "speech.audio.done"]
    assert pitch_of(base64.b64decode(events[0]["audio"]), 24000) == pytest.approx(300, rel=0.05)


@pytest.mark.parametrize("wrong", [{"said": "some other sentence"}, {"consent_pitch": 200}])
def test_a_consent_that_does_not_hold_makes_no_voice(client, wrong):
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        clone(client, **wrong)
    assert refused.value.code == "recording_rejected"
    assert "consent" in refused.value.message.lower()


def test_a_made_up_consent_leaves_neither_key_nor_file(live, caller, client):
    sample = ("sample.wav", recording(300, 3), "audio/wav")
    with pytest.raises(openai.NotFoundError):
        client.audio.voices.create(name="ann", audio_sample=sample, consent="cons_nobodys")
    assert stored(live.home) == []


def test_the_recording_of_a_consent_lies_under_its_voices_key_alone(live, caller, client):
    voice = clone(client)
    deadline = time.monotonic() + 30
    while (
        outside := [p for p in stored(live.home) if voice.id not in p.parts]
    ) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert outside == []
    assert len(stored(live.home)) == 3


def test_models_voices_and_consents_are_listed_and_deleted(live, caller, client):
    voice = clone(client)
    assert "tts-1" in [model.id for model in client.models.list()]
    assert client.models.retrieve("tts-1").id == "tts-1"
    (consent,) = client.audio.voice_consents.list()
    assert client.audio.voice_consents.retrieve(consent.id).name == "Ann"
    assert caller.get("/v1/audio/voices").json()["voices"] == ["ann"]
    assert client.audio.voices.delete(voice.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.audio.speech.create(model="tts-1", voice=voice.id, input="x")
    assert client.audio.voice_consents.list().data == []


def test_a_fixed_sentence_never_lets_a_voice_out(live, caller, client):
    voice = clone(client)
    other = live.caller("Bob")
    answer = caller.post(f"/v1/voices/{voice.id}/grants", json={"grantee_id": other.account_id})
    assert answer.json()["code"] == "consent_required"


def test_withdrawing_the_consent_stops_the_voice(client):
    voice = clone(client)
    (consent,) = client.audio.voice_consents.list()
    assert client.audio.voice_consents.delete(consent.id).deleted
    with pytest.raises(openai.ConflictError):
        client.audio.speech.create(model="tts-1", voice=voice.id, input="x")


def test_errors_are_the_sdks_own(live, client):
    with pytest.raises(openai.NotFoundError) as missing:
        client.audio.speech.create(model="tts-1", voice="alloy", input="x")
    assert missing.value.code == "not_found"
    with pytest.raises(openai.UnprocessableEntityError):
        client.audio.speech.create(model="tts-1", voice="alloy", input="x" * 4097)
    stranger = OpenAI(base_url=f"{live.url}/v1", api_key="yk_wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def consent_of(client, pitch=300):
    spoken = recording(pitch, 2, said=phrases.fixed("zh", "Yinse"))
    return client.audio.voice_consents.create(
        name="Ann", language="zh-CN", recording=("c.wav", spoken, "audio/wav")
    )


def test_a_consent_that_was_withdrawn_makes_no_voice(live, caller, client):
    consent = consent_of(client)
    client.audio.voice_consents.delete(consent.id)
    sample = ("sample.wav", recording(300, 3), "audio/wav")
    with pytest.raises(openai.NotFoundError):
        client.audio.voices.create(name="ann", audio_sample=sample, consent=consent.id)
    assert client.get("/audio/voices", cast_to=object)["data"] == []


def test_a_consent_that_is_withdrawn_while_its_voice_is_made_makes_none(live, client, monkeypatch):
    consent = consent_of(client)
    examine = live.ports.enrolment.examine

    async def slowly(request):
        found = await examine(request)
        async with live.ports.database.transaction() as session:
            row = await session.get_one(ConsentRow, consent.id)
            row.revoked_at = live.clock.now
        return found

    monkeypatch.setattr(live.ports.enrolment, "examine", slowly)
    sample = ("sample.wav", recording(300, 3), "audio/wav")
    with pytest.raises(openai.UnprocessableEntityError, match="withdrew"):
        client.audio.voices.create(name="ann", audio_sample=sample, consent=consent.id)


def test_a_consent_serves_one_voice(client):
    voice = clone(client)
    (consent,) = client.audio.voice_consents.list()
    sample = ("sample.wav", recording(300, 3), "audio/wav")
    with pytest.raises(openai.ConflictError) as refused:
        client.audio.voices.create(name="again", audio_sample=sample, consent=consent.id)
    assert refused.value.code == "consent_used"
    assert client.audio.speech.create(
        model="tts-1", voice=voice.id, input="好", response_format="pcm"
    ).content


def test_consents_are_renamed_and_listed_by_page(client):
    made = [consent_of(client).id for _ in range(3)]
    client.audio.voice_consents.update(made[0], name="first")
    page = client.audio.voice_consents.list(limit=2)
    assert page.has_more
    assert [consent.id for consent in page] == made[::-1]  # the SDK turns the page itself
    assert client.audio.voice_consents.retrieve(made[0]).name == "first"


@pytest.mark.parametrize("size", [10 * 1024 * 1024, 10 * 1024 * 1024 + 1])
def test_files_have_ten_mebibytes_at_most_as_over_there(live, caller, client, size):
    head = recording(300, 3)
    sample = ("sample.wav", head + bytes(size - len(head)), "audio/wav")

    def make():
        return client.audio.voice_consents.create(name="Ann", language="zh", recording=sample)

    if size <= 10 * 1024 * 1024:
        assert make().object == "audio.voice_consent"
        return
    for attempt in (
        make,
        lambda: client.audio.voices.create(name="a", audio_sample=sample, consent="cons_x"),
    ):
        with pytest.raises(openai.APIStatusError) as refused:
            attempt()
        assert (refused.value.status_code, refused.value.code) == (413, "too_large")
    assert stored(live.home) == []


def test_raw_responses_and_files_on_disk(client, tmp_path):
    voice = clone(client)
    raw = client.audio.speech.with_raw_response.create(
        model="tts-1", voice=voice.id, input="你好", response_format="wav"
    )
    assert raw.headers["content-type"] == "audio/wav"
    assert raw.headers["yinse-generation-id"].startswith("gen_")
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice=voice.id, input="你好", response_format="flac"
    ) as response:
        response.stream_to_file(tmp_path / "x.flac")
    assert (tmp_path / "x.flac").read_bytes().startswith(b"fLaC")
    raw.parse().write_to_file(tmp_path / "x.wav")
    assert (tmp_path / "x.wav").read_bytes().startswith(b"RIFF")
