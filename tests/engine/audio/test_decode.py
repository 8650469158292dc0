import io
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from yinse.contracts.errors import AudioUnreadable, InvalidInput, NotFound
from yinse.engine.audio.decode import ENROL, EXAMINE, Limits, decode
from yinse.engine.audio.encode import FORMATS, Format, encode
from yinse.engine.audio.waveform import Waveform

Tone = Callable[..., Waveform]
Mux = Callable[..., bytes]

CONTAINERS = {
    "wav": ("wav", "pcm_s16le", {}),
    "wav-float": ("wav", "pcm_f32le", {}),
    "rf64": ("wav", "pcm_s16le", {"rf64": "always"}),
    "aiff": ("aiff", "pcm_s16be", {}),
    "flac": ("flac", "flac", {}),
    "mp3": ("mp3", "libmp3lame", {}),
    "mp3-without-index": ("mp3", "libmp3lame", {"write_xing": "0"}),
    "m4a": ("ipod", "aac", {}),
    "mp4-fragmented": ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov"}),
    "adts": ("adts", "aac", {}),
    "opus": ("ogg", "libopus", {}),
    "webm": ("webm", "libopus", {}),
    "webm-live": ("webm", "libopus", {"live": "1"}),
}


def _wav(channels_TC: np.ndarray, rate: int) -> bytes:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setnchannels(channels_TC.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((channels_TC * 32767).astype("<i2").tobytes())
    return sink.getvalue()


def _similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Highest normalised correlation over shifts up to 50 ms (codecs delay)."""
    length = min(len(a), len(b)) - 4800
    shifts = [b[s : s + length] @ a[:length] for s in range(0, 4800, 1)]
    return float(max(shifts) / (np.linalg.norm(a[:length]) * np.linalg.norm(b[:length])))


@pytest.mark.parametrize("container", FORMATS)
def test_every_format_comes_back_as_it_went(container: Format, tone: Tone) -> None:
    original = tone(440.0, 1.0, 48_000)
    back = decode(encode(original, container))
    assert back.rate == 48_000
    assert abs(back.seconds - 1.0) < 0.05
    assert _similarity(original.samples, back.samples) > 0.99


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_read(name: str, tone: Tone, mux: Mux) -> None:
    back = decode(mux(tone(seconds=1.5), *CONTAINERS[name]))
    assert back.rate == 48_000
    assert abs(back.seconds - 1.5) < 0.06
    assert np.std(back.samples[9600:-9600]) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95, -10])
@pytest.mark.parametrize("name", CONTAINERS)
def test_a_truncated_file_is_never_half_a_recording(name: str, keep: float, tone: Tone, mux: Mux) -> None:
    whole = mux(tone(seconds=2.0), *CONTAINERS[name])
    cut = whole[: int(len(whole) * keep)] if keep > 0 else whole[: int(keep)]
    with pytest.raises(AudioUnreadable, match="cut off") as caught:
        decode(cut)
    assert caught.value.code in ("audio_truncated", "audio_damaged")


@pytest.mark.parametrize(
    "content",
    [
        b"Dear sir, this is a letter and no sound at all. " * 50,
        b"\x89PNG\r\n\x1a\n" + bytes(2000),
        b"PK\x03\x04" + bytes(range(256)) * 20,
        bytes(5000),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/hostname\n",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
    ],
    ids=["text", "image", "zip", "zeros", "playlist", "concat"],
)
def test_what_is_no_audio_says_so(content: bytes) -> None:
    with pytest.raises(AudioUnreadable) as caught:
        decode(content)
    assert caught.value.code == "not_audio"


def test_an_empty_file_says_so() -> None:
    with pytest.raises(AudioUnreadable) as caught:
        decode(b"")
    assert caught.value.code == "audio_empty"


def test_a_header_without_sound_is_empty() -> None:
    with pytest.raises(AudioUnreadable) as caught:
        decode(_wav(np.zeros((0, 1)), 48_000))
    assert caught.value.code == "audio_empty"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "none.wav", tmp_path):
        with pytest.raises(NotFound):
            decode(path)


def test_paths_bytes_and_streams_give_the_same(tmp_path: Path, tone: Tone) -> None:
    content = encode(tone(seconds=0.3), "wav")
    (tmp_path / "a.wav").write_bytes(content)
    expected = decode(content).samples
    for source in (tmp_path / "a.wav", io.BytesIO(content), _Unseekable(content)):
        assert np.array_equal(decode(source).samples, expected)


def test_forty_channels_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(InvalidInput, match="40 channels") as caught:
        decode(_wav(rng.uniform(-0.5, 0.5, (4800, 40)), 48_000))
    assert caught.value.code == "too_many_channels"


def test_eight_kilohertz_is_refused_for_a_voice_and_read_for_the_check(tone: Tone) -> None:
    content = encode(tone(rate=8_000), "wav")
    with pytest.raises(InvalidInput, match="8000") as caught:
        decode(content, limits=ENROL)
    assert caught.value.code == "sample_rate_too_low"
    assert decode(content, limits=EXAMINE).rate == 8_000


def test_an_absurd_sample_rate_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(_wav(np.zeros((100, 1)), 1_000_000))
    assert caught.value.code == "sample_rate_too_high"


@pytest.mark.parametrize("container", ["wav", "flac", "mp3", "m4a", "opus"])
def test_too_long_is_refused(container: Format, tone: Tone) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(encode(tone(seconds=4.0), container), limits=Limits(seconds=2.0))
    assert caught.value.code == "audio_too_long"


def test_a_bomb_without_a_length_stops_at_the_limit() -> None:
    file = _Counting(_unsized_wav(seconds=200))
    with pytest.raises(InvalidInput) as caught:
        decode(file, limits=Limits(seconds=2.0))
    assert caught.value.code == "audio_too_long"
    assert file.taken < 0.1 * len(file.getvalue())


def test_an_endless_upload_stops_at_the_limit() -> None:
    endless = _Endless()
    with pytest.raises(InvalidInput) as caught:
        decode(endless, limits=Limits(bytes=10_000))
    assert caught.value.code == "audio_too_large"
    assert endless.taken <= 10_001


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.wav"
    with path.open("wb") as file:
        file.truncate(2**31)  # sparse: two gigabytes of nothing
    with pytest.raises(InvalidInput) as caught:
        decode(path)
    assert caught.value.code == "audio_too_large"


def test_channels_are_averaged(tone: Tone) -> None:
    left = tone(440.0, 0.2).samples
    mixed = decode(_wav(np.stack([left, np.zeros_like(left)], axis=1), 48_000))
    assert np.allclose(mixed.samples, left / 2, atol=1e-4)


def test_channels_out_of_phase_do_not_cancel(tone: Tone) -> None:
    left = tone(440.0, 0.2).samples
    mixed = decode(_wav(np.stack([left, -left], axis=1), 48_000))
    assert np.allclose(mixed.samples, left, atol=1e-4)


def test_a_title_in_another_encoding_is_no_obstacle(tone: Tone) -> None:
    title = "录音".encode("gbk") + b"\x00\x00"
    names = b"INFOINAM" + len(title).to_bytes(4, "little") + title
    content = encode(tone(), "wav") + b"LIST" + len(names).to_bytes(4, "little") + names
    assert decode(content).seconds == pytest.approx(tone().seconds)


def test_values_that_are_no_numbers_are_refused() -> None:
    samples = np.full(4800, np.nan, "<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 48_000, 192_000, 4, 32)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(samples)) + samples
    with pytest.raises(AudioUnreadable) as caught:
        decode(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert caught.value.code == "audio_damaged"


def test_damage_in_the_middle_is_not_skipped(rng: np.random.Generator) -> None:
    noise = Waveform(rng.uniform(-0.5, 0.5, 96_000).astype(np.float32), 48_000)
    content = bytearray(encode(noise, "flac"))
    content[len(content) // 2 : len(content) // 2 + 400] = bytes(400)
    with pytest.raises(AudioUnreadable) as caught:
        decode(bytes(content))
    assert caught.value.code in ("audio_damaged", "audio_truncated")


def test_the_sound_of_a_video_is_read(tone: Tone) -> None:
    assert abs(decode(_video(tone(seconds=1.0))).seconds - 1.0) < 0.1


def test_a_video_without_sound_says_so() -> None:
    with pytest.raises(AudioUnreadable) as caught:
        decode(_video(None))
    assert caught.value.code == "no_sound_track"


def _video(sound: Waveform | None) -> bytes:
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as file:
        picture = file.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 32
        picture.pix_fmt = "yuv420p"
        voice = file.add_stream("aac", rate=sound.rate, layout="mono") if sound is not None else None
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            file.mux(picture.encode(frame))
        file.mux(picture.encode(None))
        if voice is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound.samples[None], format="fltp", layout="mono")
            frame.sample_rate = sound.rate
            for part in [*av.AudioResampler("fltp", "mono", sound.rate, 1024).resample(frame), None]:
                file.mux(voice.encode(part))
    return sink.getvalue()


def _unsized_wav(seconds: int) -> bytes:
    """A WAV as a live recorder writes it: its data chunk claims no length."""
    content = bytearray(_wav(np.zeros((48_000 * seconds, 1)), 48_000))
    content[40:44] = b"\xff\xff\xff\xff"
    return bytes(content)


class _Unseekable(io.RawIOBase):
    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seekable(self) -> bool:
        return False


class _Endless(io.RawIOBase):
    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"RIFF" * (size // 4 + 1)

    def seekable(self) -> bool:
        return False


class _Counting(io.BytesIO):
    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        self.taken += len(content)
        return content


def test_a_path_that_no_system_takes(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable, match="cannot be read: File name too long"):
        decode(tmp_path / ("a" * 300))


def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "take.wav").write_bytes(b"")
    with pytest.raises(NotFound):
        decode(tmp_path / "take.wav" / "other.wav")
