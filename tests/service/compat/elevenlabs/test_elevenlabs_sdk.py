"""ElevenLabs' own Python SDK against a live server."""

import base64
import io

import av
import httpx
import pytest
from elevenlabs import VoiceSettings
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError

from yinse.serving.fake import pitch_of, recording


def test_a_voice_is_added_listed_changed_and_deleted(client, voice_id):
    listed = client.voices.get_all().voices
    assert [(voice.voice_id, voice.name, voice.category) for voice in listed] == [(voice_id, "Ann", "cloned")]
    voice = client.voices.get(voice_id)
    assert (voice.recording_quality, voice.is_owner, voice.labels) == ("good", True, {"accent": "none"})
    assert [found.voice_id for found in client.voices.search(search="an").voices] == [voice_id]
    client.voices.settings.update(voice_id, request=VoiceSettings(stability=0.4, speed=1.2))
    assert client.voices.settings.get(voice_id).speed == 1.2
    client.voices.delete(voice_id)
    assert client.voices.get_all().voices == []


def test_speech_in_their_formats(client, voice_id):
    pcm = b"".join(client.text_to_speech.convert(voice_id, text="你好,世界。", output_format="pcm_16000"))
    assert pitch_of(pcm, 16000) == pytest.approx(300, rel=0.03)
    for name in ("mp3_44100_128", "mp3_22050_32", "opus_48000_64"):
        data = b"".join(client.text_to_speech.stream(voice_id, text="字" * 20, output_format=name))
        with av.open(io.BytesIO(data)) as container:
            assert sum(f.samples / f.sample_rate for f in container.decode(audio=0)) > 1.0
    assert (
        len(b"".join(client.text_to_speech.convert(voice_id, text="你好", output_format="ulaw_8000"))) > 900
    )


def test_settings_and_seed_reach_the_engine(client, voice_id):
    def say(**kwargs):
        return b"".join(
            client.text_to_speech.convert(voice_id, text="你好,世界", output_format="pcm_24000", **kwargs)
        )

    assert say(seed=7) == say(seed=7) != say(seed=8)
    slow = say(seed=7, voice_settings=VoiceSettings(speed=0.5))
    assert len(slow) == pytest.approx(2 * len(say(seed=7)), rel=0.05)


def test_timestamps(client, voice_id):
    whole = client.text_to_speech.convert_with_timestamps(
        voice_id, text="你好吗", output_format="mp3_44100_128"
    )
    assert whole.alignment.characters == ["你", "好", "吗"]
    assert base64.b64decode(whole.audio_base_64)
    pieces = list(client.text_to_speech.stream_with_timestamps(voice_id, text="一二三四五六七"))
    heard = [c for piece in pieces if piece.alignment for c in piece.alignment.characters]
    assert "".join(heard) == "一二三四五六七"
    starts = [t for piece in pieces if piece.alignment for t in piece.alignment.character_start_times_seconds]
    assert starts == sorted(starts)


def test_models_and_user(client, voice_id):
    assert "eleven_multilingual_v2" in [model.model_id for model in client.models.list()]
    user = client.user.get()
    assert user.subscription.voice_slots_used == 1
    assert client.user.subscription.get().character_limit == 1_000_000


def test_errors_are_the_sdks_own(live, client, voice_id):
    with pytest.raises(ApiError) as missing:
        b"".join(client.text_to_speech.convert("voice_nobody", text="x"))
    assert (missing.value.status_code, missing.value.body["detail"]["status"]) == (404, "not_found")
    with pytest.raises(ApiError) as wrong:
        b"".join(client.text_to_speech.convert(voice_id, text="x", output_format="mp3_99_1"))
    assert wrong.value.status_code == 422
    with pytest.raises(ApiError) as unspoken:
        b"".join(client.text_to_speech.convert(voice_id, text="x", language_code="fr"))
    assert unspoken.value.status_code == 422
    with httpx.Client() as http, pytest.raises(ApiError) as stranger:
        ElevenLabs(base_url=live.url, api_key="yk_wrong", httpx_client=http).voices.get_all()
    assert stranger.value.status_code == 401


def test_our_own_routes_keep_their_shape_for_other_credentials(caller, voice_id):
    assert caller.get("/v1/voices").json()["items"][0]["id"] == voice_id
    assert caller.get("/elevenlabs/v1/voices").json()["voices"][0]["voice_id"] == voice_id


def test_a_voice_is_renamed_described_and_given_more_recordings(caller, client, voice_id):
    client.voices.update(voice_id, name="Anna", description="warm", labels={"accent": "north"})
    voice = client.voices.get(voice_id)
    assert (voice.name, voice.description, voice.labels) == ("Anna", "warm", {"accent": "north"})
    assert len(voice.samples) == 1
    client.voices.update(voice_id, name="Ann", files=[("more.wav", recording(300, 3), "audio/wav")])
    voice = client.voices.get(voice_id)
    assert (voice.name, voice.description, voice.labels) == ("Ann", "warm", {"accent": "north"})
    assert [(sample.mime_type, len(sample.hash)) for sample in voice.samples] == [("audio/wav", 64)] * 2
    assert voice.samples[0].size_bytes == len(recording(300, 3))
    assert caller.get("/v1/jobs").json()["items"][0]["kind"] == "enrol"
    with pytest.raises(ApiError) as missing:
        client.voices.update("voice_nobody", name="x")
    assert missing.value.status_code == 404


def test_voices_are_found_sorted_and_turned_by_page(client):
    made = {}
    for name in ("Cem", "Ann", "Bob"):
        files = [("take.wav", recording(300, 3), "audio/wav")]
        made[name] = client.voices.ivc.create(name=name, files=files, labels={"of": name}).voice_id

    def names(**query):
        return [voice.name for voice in client.voices.search(**query).voices]

    assert names(sort="name") == names(sort="name", sort_direction="asc") == ["Ann", "Bob", "Cem"]
    assert names(sort="created_at_unix", sort_direction="desc") == ["Bob", "Ann", "Cem"]
    assert names(voice_ids=[made["Bob"], made["Cem"]], sort="name") == ["Bob", "Cem"]
    assert names(search="cem") == ["Cem"]
    assert sorted(names(voice_type="personal")) == ["Ann", "Bob", "Cem"]
    assert names(category="premade") == names(voice_type="default") == names(collection_id="c") == []
    page = client.voices.search(sort="name", page_size=2)
    assert ([voice.name for voice in page.voices], page.has_more, page.total_count) == (
        ["Ann", "Bob"],
        True,
        3,
    )
    rest = client.voices.search(sort="name", page_size=2, next_page_token=page.next_page_token)
    assert ([voice.name for voice in rest.voices], rest.has_more, rest.next_page_token) == (
        ["Cem"],
        False,
        None,
    )
    assert client.voices.search(include_total_count=False).total_count == 0
    with pytest.raises(ApiError) as wrong:
        client.voices.search(sort="beauty")
    assert wrong.value.status_code == 422


def test_what_is_not_to_be_logged_is_not_kept(caller, client, voice_id):
    def kept():
        return [item["source"] for item in caller.get("/v1/history").json()["items"]]

    for enabled in (False, True):
        b"".join(client.text_to_speech.convert(voice_id, text="秘密", enable_logging=enabled))
        client.text_to_speech.convert_with_timestamps(voice_id, text="秘密", enable_logging=enabled)
        list(client.text_to_speech.stream_with_timestamps(voice_id, text="秘密", enable_logging=enabled))
        assert kept() == ["elevenlabs"] * (3 if enabled else 0)
    assert all(item["has_audio"] for item in caller.get("/v1/history").json()["items"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"previous_request_ids": ["a", "b", "c", "d"]},
        {"next_request_ids": ["a", "b", "c", "d"]},
        {"apply_text_normalization": "perhaps"},
        {"seed": 2**32},
        {"optimize_streaming_latency": 5},
        {"output_format": "pcm_²"},
        {"output_format": "pcm_٢٤٠٠٠"},
    ],
)
def test_values_outside_of_what_that_api_takes_are_refused(client, voice_id, wrong):
    with pytest.raises(ApiError) as refused:
        b"".join(client.text_to_speech.convert(voice_id, text="x", **wrong))
    assert refused.value.status_code == 422


def test_everything_that_api_takes_is_taken(client, voice_id):
    audio = client.text_to_speech.convert(
        voice_id, text="你好", previous_text="一", next_text="二", previous_request_ids=["a", "b", "c"],
        next_request_ids=["d"], apply_text_normalization="auto", optimize_streaming_latency=4, language_code="zh",
        apply_language_text_normalization=False, use_pvc_as_ivc=True, seed=2**32 - 1,
    )  # fmt: skip
    assert b"".join(audio)


def test_attempts_of_consent_are_told_as_there(live, caller, client, voice_id):
    assert not client.voices.get(voice_id).voice_verification.is_verified
    asked = caller.post("/v1/consents/challenges", json={"language": "zh"}).json()
    for said in ("something else", asked["phrase"]):
        asked = caller.post("/v1/consents/challenges", json={"language": "zh"}).json()
        audio = recording(300, 2.0, said=asked["phrase"] if said != "something else" else said)
        files = {"recording": ("c.wav", audio, "audio/wav")}
        path = f"/v1/voices/{voice_id}/consents?challenge_id={asked['id']}"
        assert caller.post(path, files=files).status_code == 201
    found = client.voices.get(voice_id).voice_verification
    assert (found.is_verified, found.verification_attempts_count, found.language) == (True, 2, "zh")
    assert [attempt.accepted for attempt in found.verification_attempts] == [False, True]
    assert found.verification_attempts[1].text == asked["phrase"]
