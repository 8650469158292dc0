"""Requests as GPT-SoVITS clients send them, word for word."""

import io
import wave

import av
import pytest

from yinse.serving.fake import pitch_of


@pytest.fixture
def voice_id(ann, voices):
    return voices.ready(ann, name="小明", pitch=300)


def heard(data):
    with av.open(io.BytesIO(data)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=24000)
        pcm = b"".join(
            out.to_ndarray().tobytes()
            for frame in container.decode(audio=0)
            for out in resampler.resample(frame)
        )
    return pitch_of(pcm, 24000)


def test_the_request_of_sillytavern(house, ann, voice_id):
    """No header, a path to a file that is not there, booleans as strings, the voice's name as prompt text."""
    body = {
        "text": "你好,世界。今天天气很好。",
        "text_lang": "zh",
        "ref_audio_path": "./参考音频/小明.wav",
        "prompt_lang": "zh",
        "prompt_text": "小明",
        "text_split_method": "cut5",
        "batch_size": 1,
        "media_type": "ogg",
        "streaming_mode": "true",
    }
    answer = house.client.post(f"/k/{ann.key}/", json=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/ogg"
    assert heard(answer.content) == pytest.approx(300, rel=0.03)
    assert house.client.get(f"/k/{ann.key}/speakers").json() == [{"name": "小明", "voice_id": voice_id}]


@pytest.mark.parametrize("path", ["小明", "小明.wav", "C:\\voices\\小明.mp3", "/srv/x/小明.flac"])
def test_a_path_is_only_ever_a_name(ann, voice_id, path):
    params = {"text": "你好世界你好世界", "text_lang": "zh", "ref_audio_path": path, "key": ann.key}
    answer = ann.client.get("/tts", params=params)
    assert answer.status_code == 200
    assert heard(answer.content) == pytest.approx(300, rel=0.03)


@pytest.mark.parametrize("path", ["/etc/passwd", "../../root.json", "", "voice_nobody", "小明.wav/../../x"])
def test_what_names_no_voice_is_a_bad_request_in_their_shape(ann, voice_id, path):
    answer = ann.post("/tts", json={"text": "你好", "text_lang": "zh", "ref_audio_path": path})
    assert answer.status_code == 400
    assert "voice" in answer.json()["message"]


def test_another_accounts_voice_is_not_a_handle(bob, voice_id):
    for handle in ("小明", voice_id):
        answer = bob.post("/tts", json={"text": "你好", "text_lang": "zh", "ref_audio_path": handle})
        assert answer.status_code == 400


def test_weights_are_chosen_per_key_and_never_globally(house, ann, bob, voices, voice_id):
    voices.ready(bob, name="别人", pitch=200)
    chosen = ann.get("/set_gpt_weights", params={"weights_path": "GPT_weights/小明.ckpt"})
    assert chosen.status_code == 400
    assert ann.get("/set_sovits_weights", params={"weights_path": "小明"}).json() == {"message": "success"}
    assert bob.get("/set_refer_audio", params={"refer_audio_path": "别人.wav"}).status_code == 200
    body = {"text": "你好世界你好世界", "text_lang": "auto"}
    assert heard(ann.post("/tts", json=body).content) == pytest.approx(300, rel=0.03)
    assert heard(bob.post("/tts", json=body).content) == pytest.approx(200, rel=0.03)


def test_strangers_do_not_restart_the_service(house, ann):
    assert ann.get("/control", params={"command": "restart"}).status_code == 403
    assert house.client.post("/tts", json={"text": "x", "text_lang": "zh"}).status_code == 401


def test_a_cookie_alone_does_not_spend_from_another_site(house, ann):
    credentials = {"email": "a@example.org", "password": "long enough password"}
    house.client.post("/v1/accounts", json={**credentials, "display_name": "A"})
    house.client.post("/v1/sessions", json=credentials)
    answer = house.client.get("/tts?text=x&text_lang=zh", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("mode", [False, 0, "0", "false", "False", None])
def test_a_file_that_is_not_streamed_says_how_long_it_is(ann, voice_id, mode):
    body = {"text": "你好世界你好世界", "text_lang": "zh", "ref_audio_path": "小明.wav"}
    answer = ann.post("/tts", json=body if mode is None else {**body, "streaming_mode": mode})
    assert answer.headers["content-length"] == str(len(answer.content))
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnframes() == round(8 * 0.06 * file.getframerate())


@pytest.mark.parametrize("mode", [True, 1, 2, 3, "1", "true", "True"])
def test_a_stream_is_a_stream(ann, voice_id, mode):
    params = {"text": "你好世界你好世界", "text_lang": "zh", "ref_audio_path": "小明", "streaming_mode": mode}
    answer = ann.get("/tts", params=params)
    assert answer.status_code == 200
    assert "content-length" not in answer.headers
    assert heard(answer.content) == pytest.approx(300, rel=0.03)


@pytest.mark.parametrize(
    "wrong", [{"streaming_mode": 4}, {"streaming_mode": "perhaps"}, {"media_type": "midi"}, {"text": ""}]
)
def test_wrong_values_are_a_bad_request_in_their_shape(ann, voice_id, wrong):
    answer = ann.post("/tts", json={"text": "好", "text_lang": "zh", "ref_audio_path": "小明", **wrong})
    assert answer.status_code == 400
    assert answer.json()["message"]
