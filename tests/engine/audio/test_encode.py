from collections.abc import Callable

import numpy as np
import pytest

from yinse.engine.audio.decode import decode
from yinse.engine.audio.encode import Format, StreamEncoder, encode
from yinse.engine.audio.waveform import Waveform

Tone = Callable[..., Waveform]
STREAMED: tuple[Format, ...] = ("wav", "flac", "mp3", "opus", "aac")


@pytest.mark.parametrize("container", ["wav", "flac"])
def test_lossless_formats_lose_only_the_sixteenth_bit(container: Format, rng: np.random.Generator) -> None:
    noise = Waveform(rng.uniform(-1, 1, 10_000).astype(np.float32), 44_100)
    back = decode(encode(noise, container))
    assert back.rate == 44_100
    assert len(back.samples) == 10_000
    assert np.abs(back.samples - noise.samples).max() < 1.01 / 32768


@pytest.mark.parametrize("container", STREAMED)
def test_a_stream_equals_the_whole(container: Format, tone: Tone) -> None:
    waveform = tone(300.0, 1.3, 44_100)
    encoder = StreamEncoder(container, waveform.rate)
    parts = [encoder.push(waveform.samples[i : i + 777]) for i in range(0, len(waveform.samples), 777)]
    streamed = decode(b"".join(parts) + encoder.finish())
    whole = decode(encode(waveform, container))
    length = min(len(streamed.samples), len(whole.samples)) - 3000  # an MP3 stream lacks the gapless header
    best = min(np.abs(streamed.samples[s : s + length] - whole.samples[:length]).max() for s in range(1500))
    assert best < 0.02


@pytest.mark.parametrize("container", STREAMED)
def test_sound_leaves_before_the_end(container: Format, tone: Tone) -> None:
    encoder = StreamEncoder(container, 48_000)
    sent = sum(len(encoder.push(tone(seconds=0.1).samples)) for _ in range(10))
    assert sent > 0.6 * (sent + len(encoder.finish()))


def test_m4a_cannot_be_streamed() -> None:
    with pytest.raises(ValueError, match="aac"):
        StreamEncoder("m4a", 48_000)


@pytest.mark.parametrize(("container", "rate", "heard"), [("opus", 22_050, 24_000), ("mp3", 96_000, 48_000)])
def test_rates_a_codec_lacks_are_resampled(container: Format, rate: int, heard: int, tone: Tone) -> None:
    back = decode(encode(tone(440.0, 1.0, rate), container))
    spectrum = np.abs(np.fft.rfft(back.samples[: back.rate]))
    assert back.rate in (heard, 48_000)  # Opus always decodes to 48 kHz
    assert abs(int(np.argmax(spectrum)) - 440 * back.rate / len(back.samples[: back.rate])) < 2


def test_overshoot_is_clipped_not_wrapped(tone: Tone) -> None:
    back = decode(encode(tone(amplitude=2.0, seconds=0.1), "wav"))
    assert np.abs(back.samples).max() <= 1.0
    assert np.sign(back.samples[30]) == np.sign(tone(amplitude=2.0, seconds=0.1).samples[30])
