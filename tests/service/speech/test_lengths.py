"""A kept file says how long it is, to players that ask its header."""

import io
import wave

import pytest
import soundfile

from yinse.service.speech.lengths import with_length
from yinse.service.speech.media import encoder_for, format_of
from yinse.serving.fake import tone

RATE = 24000


def streamed(name, seconds=1.5, rate=RATE):
    encoder = encoder_for(format_of(name, rate), RATE)
    return encoder.encode(tone(300, seconds)) + encoder.finish()


def test_wav_tells_its_bytes():
    data = streamed("wav")
    with wave.open(io.BytesIO(with_length(data, "wav", len(data), 1.5))) as file:
        assert file.getnframes() == 1.5 * RATE


def test_flac_tells_its_samples_to_a_reader_that_cannot_do_without():
    data = streamed("flac")
    with pytest.raises((ValueError, soundfile.LibsndfileError)):
        soundfile.read(io.BytesIO(data))
    samples, rate = soundfile.read(io.BytesIO(with_length(data, "flac", len(data), 1.5)))
    assert (len(samples), rate) == (1.5 * RATE, RATE)


def test_nothing_is_claimed_that_is_not_certain():
    data = streamed("flac")
    assert with_length(data, "flac", len(data), 1.50003) == data
    sized = with_length(data, "flac", len(data), 1.5)
    assert with_length(sized, "flac", len(data), 9.0) == sized
    assert with_length(streamed("mp3"), "mp3", 1, 1.5) == streamed("mp3")
    assert with_length(b"RIFF\0\0\0\0WAVEfmt ", "wav", 16, 1.0) == b"RIFF\0\0\0\0WAVEfmt "


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_downloads_and_whole_answers_have_their_length(ann, voices, name):
    import base64

    order = {"text": "你好，世界。", "voice": voices.ready(ann), "format": name}
    generation = ann.post("/v1/speech", json=order).headers["yinse-generation-id"]
    download = ann.get(f"/v1/history/{generation}/audio")
    assert int(download.headers["content-length"]) == len(download.content)
    assert download.headers["content-disposition"] == f'inline; filename="{generation}.{name}"'
    whole = base64.b64decode(ann.post("/v1/speech/timestamps", json=order).json()["audio_base64"])
    for data in (download.content, whole):
        samples, rate = soundfile.read(io.BytesIO(data))
        assert len(samples) / rate == pytest.approx(6 * 0.06)
