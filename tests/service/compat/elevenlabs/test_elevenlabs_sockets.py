"""ElevenLabs' sockets, with the SDK's own client and with its messages, word for word."""

import base64
import json

import pytest
from elevenlabs import VoiceSettings
from elevenlabs.core.api_error import ApiError
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from yinse.service.speech.dialogue import Dialogue
from yinse.serving.fake import pitch_of


def test_text_over_a_socket_as_the_sdk_sends_it(live, caller, voice_id):
    """The SDK insists on TLS for its socket; these are its messages, word for word."""
    url = live.url.replace("http", "ws") + f"/v1/text-to-speech/{voice_id}/stream-input"
    url += "?model_id=eleven_flash_v2_5&output_format=pcm_24000"
    audio, characters = b"", ""
    with connect(url, additional_headers={"xi-api-key": caller.key}) as socket:
        first = {"text": " ", "try_trigger_generation": True, "voice_settings": None}
        socket.send(json.dumps({**first, "generation_config": {"chunk_length_schedule": [50]}}))
        for text in ("你好,", "世界。 ", "再见 "):
            socket.send(json.dumps({"text": text, "try_trigger_generation": True}))
        socket.send(json.dumps({"text": ""}))
        for message in map(json.loads, socket):
            if message["isFinal"]:
                break
            audio += base64.b64decode(message["audio"] or "")
            characters += "".join((message["alignment"] or {"chars": []})["chars"])
    assert "你好,世界。" in characters
    assert "再见" in characters
    assert pitch_of(audio, 24000) == pytest.approx(300, rel=0.03)


@pytest.fixture
def contexts(live, caller, voice_id):
    url = live.url.replace("http", "ws") + f"/v1/text-to-speech/{voice_id}/multi-stream-input"
    with connect(
        f"{url}?output_format=pcm_24000", additional_headers={"xi-api-key": caller.key}, ping_interval=None
    ) as socket:
        yield socket


def heard(socket):
    """Audio of every context and how it ended, until the socket closes."""
    audio, ends = {}, {}
    for message in map(json.loads, socket):
        name = message["contextId"]
        if message.get("isFinal") or "error" in message:
            ends[name] = message.get("error", "final")
        else:
            audio[name] = audio.get(name, b"") + base64.b64decode(message["audio"] or "")
    return audio, ends


def test_contexts_speak_by_themselves(contexts):
    contexts.send(json.dumps({"context_id": "a", "text": "你好。"}))
    contexts.send(json.dumps({"context_id": "b", "text": "再见,再见。", "flush": True}))
    contexts.send(json.dumps({"context_id": "a", "text": "世界。"}))
    contexts.send(json.dumps({"close_socket": True}))
    audio, ends = heard(contexts)
    assert ends == {"a": "final", "b": "final"}
    assert all(pitch_of(one, 24000) == pytest.approx(300, rel=0.03) for one in audio.values())
    assert len(audio["a"]) == len(audio["b"])


def test_closing_a_context_silences_it_and_no_other(contexts, live):
    live.ports.speech._pace = 0.2
    contexts.send(json.dumps({"context_id": "a", "text": "很长的话。" * 100, "flush": True}))
    contexts.send(json.dumps({"context_id": "a", "close_context": True}))
    contexts.send(json.dumps({"context_id": "b", "text": "好。"}))
    contexts.send(json.dumps({"close_socket": True}))
    audio, ends = heard(contexts)
    assert ends == {"a": "final", "b": "final"}
    assert len(audio.get("a", b"")) < 24000 * 2 * 5
    assert audio["b"]


def test_a_context_that_breaks_says_so_and_leaves_the_others_alone(contexts, monkeypatch):
    run, broken = Dialogue.run, []

    async def breaking(self):
        broken.append(self)
        if self is broken[0]:
            raise RuntimeError("a bug")
        await run(self)

    monkeypatch.setattr(Dialogue, "run", breaking)
    contexts.send(json.dumps({"context_id": "a", "text": "好。"}))
    said = json.loads(contexts.recv(timeout=60))
    assert (said["contextId"], said["error"], said["code"]) == ("a", "backend_failed", 502)
    contexts.send(json.dumps({"context_id": "b", "text": "好。"}))
    contexts.send(json.dumps({"close_socket": True}))
    audio, ends = heard(contexts)
    assert ends == {"b": "final"}
    assert audio["b"]


def test_a_sixth_context_is_refused(contexts):
    for number in range(6):
        contexts.send(json.dumps({"context_id": f"c{number}", "text": "好"}))
    with pytest.raises(ConnectionClosedError, match="too_many_contexts"):
        for _ in contexts:
            pass


def spoken(live, caller, path, *messages):
    """What a socket answers until it closes."""
    url = live.url.replace("http", "ws") + path
    with connect(url, additional_headers={"xi-api-key": caller.key}, ping_interval=None) as socket:
        for message in messages:
            socket.send(json.dumps(message))
        try:
            return [json.loads(message) for message in socket]
        except ConnectionClosedError:
            return []


@pytest.mark.parametrize("kind", ["stream-input", "multi-stream-input"])
def test_a_voices_settings_and_dictionaries_count_over_sockets_too(live, caller, client, voice_id, kind):
    rules = [{"written": "世界", "alias": "世界世界世界"}]
    dictionary = caller.post("/v1/dictionaries", json={"name": "d", "rules": rules}).json()["id"]
    end = {"text": ""} if kind == "stream-input" else {"close_socket": True}

    def bytes_of(**manner):
        path = f"/v1/text-to-speech/{voice_id}/{kind}?output_format=pcm_24000"
        answers = spoken(live, caller, path, {"text": " ", **manner}, {"text": "你好世界。"}, end)
        return sum(len(base64.b64decode(one.get("audio") or "")) for one in answers)

    plain = bytes_of()
    client.voices.settings.update(voice_id, request=VoiceSettings(speed=0.5))
    assert bytes_of() == pytest.approx(2 * plain, rel=0.01)
    assert bytes_of(voice_settings={"speed": 1.0}) == plain
    for locator, heard in (("dict_nobody", 0), (dictionary, 2 * plain)):
        given = [{"pronunciation_dictionary_id": locator, "version_id": "1"}]
        assert bytes_of(pronunciation_dictionary_locators=given) == pytest.approx(heard, rel=0.01)


@pytest.mark.parametrize(
    ("voice", "first"),
    [
        ("voice_nobody", {"text": " "}),
        ("v" * 500, {"text": " "}),
        (None, {"text": " ", "generation_config": {"chunk_length_schedule": [49]}}),
        (None, {"text": " ", "generation_config": {"chunk_length_schedule": [501]}}),
        (None, {"text": 7}),
    ],
)
@pytest.mark.parametrize("kind", ["stream-input", "multi-stream-input"])
def test_sockets_say_what_is_wrong_as_the_sdk_reads_it(live, caller, voice_id, kind, voice, first):
    url = live.url.replace("http", "ws") + f"/v1/text-to-speech/{voice or voice_id}/{kind}"
    with connect(url, additional_headers={"xi-api-key": caller.key}) as socket:
        socket.send(json.dumps(first))
        said = json.loads(socket.recv(timeout=30))
    assert said["code"] in (404, 422)
    assert said["error"] in ("not_found", "invalid_input")
    assert said["message"]


def test_an_empty_text_ends_a_socket_also_when_it_is_the_first(live, caller, voice_id):
    path = f"/v1/text-to-speech/{voice_id}/stream-input"
    assert [one["isFinal"] for one in spoken(live, caller, path, {"text": ""})] == [True]


@pytest.mark.filterwarnings(
    "ignore:ConnectionClosed.(code|reason) is deprecated"
)  # what the SDK itself asks for
def test_the_sdks_own_realtime_client_hears_speech_and_errors(live, caller, client, voice_id, monkeypatch):
    monkeypatch.setattr(client.text_to_speech, "_ws_base_url", live.url.replace("http", "ws"))
    audio = b"".join(
        client.text_to_speech.convert_realtime(
            voice_id, text=iter(["你好，", "世界。"]), model_id="eleven_flash_v2_5", output_format="pcm_24000"
        )
    )
    assert pitch_of(audio, 24000) == pytest.approx(300, rel=0.05)
    with pytest.raises(ApiError) as missing:
        list(client.text_to_speech.convert_realtime("voice_nobody", text=iter(["好。"]), model_id="m"))
    said = (
        missing.value.body
    )  # the message, or the reason of the close where that overtook the SDK's next word
    assert (said["error"] if isinstance(said, dict) else said) == "not_found"
