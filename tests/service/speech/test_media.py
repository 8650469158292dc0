import io

import av
import numpy as np
import pytest

from yinse.contracts.errors import InvalidInput
from yinse.provenance.label import Label, read_label
from yinse.service.speech.media import FORMATS, encoder_for, format_of
from yinse.serving.fake import pitch_of, tone

RATE = 24000
PLAYABLE = [name for name in FORMATS if name not in ("pcm", "ulaw", "alaw")]


def encoded(name, pcm, *, rate=RATE, step=4800, label=None, **kwargs):
    encoder = encoder_for(format_of(name, **kwargs), rate, label)
    parts = [encoder.encode(pcm[at : at + step]) for at in range(0, len(pcm), step)]
    return [*parts, encoder.finish()]


def decoded(data, **kwargs):
    with av.open(io.BytesIO(data), **kwargs) as container:
        resampler = av.AudioResampler(format="s16", layout="mono")
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        rate = frames[0].sample_rate
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames]).tobytes(), rate


@pytest.mark.parametrize("name", PLAYABLE)
def test_a_player_hears_what_was_spoken(name):
    pcm, rate = decoded(b"".join(encoded(name, tone(440, 2.0))))
    assert len(pcm) / 2 / rate == pytest.approx(2.0, abs=0.15)
    assert pitch_of(pcm, rate) == pytest.approx(440, rel=0.02)


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_lossless_formats_are_bit_identical(name):
    original = tone(440, 1.0)
    assert decoded(b"".join(encoded(name, original))) == (original, RATE)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_bytes_leave_before_the_end(name):
    parts = encoded(name, tone(440, 3.0))
    assert sum(map(len, parts[: len(parts) // 2])) > 0


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_how_the_speech_was_cut_does_not_matter(name):
    pcm = tone(440, 1.0)
    whole, cut = b"".join(encoded(name, pcm, step=len(pcm))), b"".join(encoded(name, pcm, step=1234))
    if name == "opus":  # an Ogg stream carries a random serial number
        assert decoded(whole) == decoded(cut)
    else:
        assert whole == cut


@pytest.mark.parametrize(("name", "rate"), [("wav", 16000), ("wav", 44100), ("mp3", 22050), ("opus", 48000)])
def test_another_rate_keeps_the_pitch(name, rate):
    encoder = encoder_for(format_of(name, rate), RATE)
    pcm, heard = decoded(encoder.encode(tone(440, 2.0)) + encoder.finish())
    assert heard == rate
    assert pitch_of(pcm, heard) == pytest.approx(440, rel=0.02)


def test_raw_samples_are_resampled():
    encoder = encoder_for(format_of("pcm", 16000), RATE)
    pcm = encoder.encode(tone(440, 1.0)) + encoder.encode(tone(440, 1.0)) + encoder.finish()
    assert len(pcm) == pytest.approx(64000, abs=100)
    assert pitch_of(pcm, 16000) == pytest.approx(440, rel=0.02)


@pytest.mark.parametrize("name", ["ulaw", "alaw"])
def test_telephone_codecs_are_8_khz_bytes(name):
    assert len(b"".join(encoded(name, tone(440, 1.0)))) == pytest.approx(8000, abs=100)


def test_an_empty_stream_is_still_a_file():
    assert b"".join(encoded("wav", b"")).startswith(b"RIFF")


@pytest.mark.parametrize("bit_rate", [None, 0, 6000, 8000, 64_000, 256_000, 257_000, 320_000, 999_000])
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_whatever_is_not_refused_is_encoded(name, bit_rate):
    """An encoder that refuses would break an answer that was promised."""
    for rate in (None, 8000, 11025, 12000, 12345, 16000, 24000, 44100, 48000, 64000, 96000, 100_000, 192_000):
        try:
            wanted = format_of(name, rate, bit_rate)
        except InvalidInput:
            continue
        encoder = encoder_for(wanted, RATE)
        assert encoder.encode(bytes(4000)) + encoder.finish()


@pytest.mark.parametrize(("name", "rate"), [("midi", None), ("mp3", 44000), ("opus", 44100), ("wav", 10)])
def test_unknown_formats_and_rates_are_refused(name, rate):
    with pytest.raises(InvalidInput):
        format_of(name, rate)


@pytest.mark.parametrize("name", PLAYABLE)
def test_the_label_leads_the_stream_and_is_read_back(name):
    label = Label("yinse", "gen_01")
    pcm = tone(440, 2.0)
    parts = encoded(name, pcm, label=label)
    assert read_label(b"".join(parts)) == label
    head = b"".join(parts[: len(parts) // 2])
    assert read_label(head) == label, "a stream that is cut off carries it too"
    heard, rate = decoded(b"".join(parts))
    assert len(heard) / 2 / rate == pytest.approx(2.0, abs=0.15)
    assert pitch_of(heard, rate) == pytest.approx(440, rel=0.02)


@pytest.mark.parametrize("name", PLAYABLE)
def test_without_a_label_none_is_read(name):
    assert read_label(b"".join(encoded(name, tone(440, 1.0)))) is None
