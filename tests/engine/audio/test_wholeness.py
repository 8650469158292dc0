import io
from collections.abc import Callable

import pytest

from yinse.contracts.errors import AudioUnreadable
from yinse.engine.audio.encode import StreamEncoder, encode
from yinse.engine.audio.waveform import Waveform
from yinse.engine.audio.wholeness import require_whole

Tone = Callable[..., Waveform]
Mux = Callable[..., bytes]


def _judge(content: bytes) -> None:
    require_whole(io.BytesIO(content), len(content))


def test_a_wav_still_being_streamed_has_no_length_to_miss(tone: Tone) -> None:
    content = bytearray(encode(tone(), "wav"))
    sox, arecord = b"\x00\xf0\xff\x7f", b"\x00\x00\x00\x80"
    for unknown in (bytes(4), b"\xff" * 4, sox, arecord):
        content[content.index(b"data") + 4 : content.index(b"data") + 8] = unknown
        _judge(bytes(content))


def test_a_chunk_after_the_sound_may_be_missing(tone: Tone) -> None:
    content = encode(tone(seconds=0.1), "wav") + b"LIST\xff\x00\x00\x00"
    _judge(content)


def test_streams_of_our_own_are_whole(tone: Tone) -> None:
    for container in ("wav", "flac", "mp3", "opus", "aac"):
        encoder = StreamEncoder(container, 48_000)
        _judge(encoder.push(tone().samples) + encoder.finish())


def test_an_ogg_whose_last_page_does_not_end_the_stream_is_cut(tone: Tone) -> None:
    content = encode(tone(seconds=3.0), "opus")
    last = content.rindex(b"OggS")
    _judge(content)
    with pytest.raises(AudioUnreadable):
        _judge(content[:last])


def test_an_mp4_without_an_index_is_cut(tone: Tone) -> None:
    content = encode(tone(), "m4a")
    with pytest.raises(AudioUnreadable):
        _judge(content[: content.rindex(b"moov") - 4])


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_mp3_frames_are_followed_at_every_rate(rate: int, tone: Tone, mux: Mux) -> None:
    content = mux(tone(rate=rate), "mp3", "libmp3lame", {"write_xing": "0", "id3v2_version": "0"})
    _judge(content)
    _judge(content + b"TAG" + bytes(125))
    with pytest.raises(AudioUnreadable):
        _judge(content[:-1])


def test_a_tag_before_the_first_mp3_frame_is_skipped(tone: Tone, mux: Mux) -> None:
    content = mux(tone(), "mp3", "libmp3lame", {"write_xing": "1", "id3v2_version": "4"})
    assert content.startswith(b"ID3")
    _judge(content)
    with pytest.raises(AudioUnreadable):
        _judge(content[:-1])


def test_unknown_beginnings_are_left_to_the_decoder() -> None:
    for content in (b"", b"x", b"nothing we know of", b"\xff\xe2"):
        _judge(content)
