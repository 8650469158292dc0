import io
from collections.abc import Callable, Sequence
from typing import Any

import av
import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.engine.audio.decode import decode
from yinse.engine.audio.denoise import denoise
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform
from yinse.quality.measures.bandwidth import bandwidth, voice_band_hz
from yinse.quality.measures.damage import dropouts, gating_db, spectral_holes_percent
from yinse.quality.measures.hum import hum
from yinse.quality.observe.observer import Observation, observe

Heard = Callable[[np.ndarray, Sequence[tuple[float, float]]], Observation]
Voice = Callable[[str, str, float], Waveform]
RATE = 48_000


def _bursts(rng: np.random.Generator, seconds: float = 4.0) -> np.ndarray:
    """White noise switched on and off three times a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    return 0.1 * rng.standard_normal(len(time)) * (np.sin(2 * np.pi * 3 * time) > 0)


def _low_passed(sound: np.ndarray, rate: int) -> np.ndarray:
    return resample(resample(Waveform(sound.astype(np.float32), RATE), rate), RATE).samples[: len(sound)]


@pytest.mark.parametrize("rate", [6_800, 8_000, 14_000, 16_000, 22_050, 32_000])
def test_bandwidth_is_where_the_sound_ends(rate: int, rng: np.random.Generator, heard: Heard) -> None:
    band = bandwidth(heard(_low_passed(_bursts(rng), rate), [(0.0, 4.0)]))
    assert band is not None
    assert band.voice_hz == pytest.approx(rate / 2, abs=600)
    assert band.channel_hz == band.voice_hz


def test_noise_above_the_voice_is_the_channels(rng: np.random.Generator, heard: Heard) -> None:
    sound = _low_passed(_bursts(rng), 8_000) + 0.005 * rng.standard_normal(4 * RATE)
    band = bandwidth(heard(sound, [(0.0, 4.0)]))
    assert band is not None
    assert band.voice_hz == pytest.approx(4_000, abs=300)
    assert band.channel_hz > 20_000


def test_a_denoiser_that_takes_the_top_of_the_voice_is_noticed(rng: np.random.Generator) -> None:
    white = rng.standard_normal((3, 4 * RATE))
    second = np.arange(4 * RATE) / RATE
    said = (second > 1.0) & (second < 3.0)
    sound = 1e-6 * white[0] + said * (_low_passed(0.1 * white[1], 8_000) + 2e-4 * white[2])
    tap = 1.2e-3 * white[0] * (second > 3.5)  # a pause that is louder than the consonants
    spans = [Span(1.0, 3.0)]
    for noise, kept in ((0.0 * tap, True), (tap, False)):
        heard = Waveform((sound + noise).astype(np.float32), RATE)
        assert voice_band_hz(heard, spans) > 20_000
        assert (voice_band_hz(denoise(heard, spans), spans) > 20_000) == kept


@pytest.mark.speech
@pytest.mark.parametrize(("rate", "expected"), [(8_000, 4_000), (14_000, 7_000), (48_000, 20_000)])
def test_bandwidth_of_real_speech(rate: int, expected: float, voice: Voice) -> None:
    said = voice("kathleen", "kathleen", 8.0)
    heard = Waveform(_low_passed(said.samples, rate), RATE)
    observation = observe(heard)
    band = bandwidth(observation)
    assert band is not None
    assert band.voice_hz == pytest.approx(expected, abs=600)
    assert voice_band_hz(heard, observation.spans) == band.voice_hz


@pytest.mark.parametrize("mains", [50.0, 60.0])
@pytest.mark.parametrize("level", [-10.0, -18.0])
def test_hum_is_measured_relative_to_the_speech(
    level: float, mains: float, rng: np.random.Generator, heard: Heard
) -> None:
    time = np.arange(6 * RATE) / RATE
    wave = sum(np.sin(2 * np.pi * (mains + 0.04) * k * time) / k for k in range(1, 7))
    sound = _bursts(rng, 6.0)
    wave = wave * np.std(sound) * 10 ** (level / 20) / np.std(wave)
    loud = heard(sound + wave, [(0.0, 6.0)])
    found = hum(loud)
    assert found is not None
    assert found.mains_hz == mains
    assert found.relative_db == pytest.approx(level, abs=3.0)


def test_no_hum_in_noise(rng: np.random.Generator, heard: Heard) -> None:
    found = hum(heard(_bursts(rng, 6.0), [(0.0, 6.0)]))
    assert found is not None
    assert found.relative_db < -50


@pytest.mark.speech
def test_a_low_voice_is_not_hum(voice: Voice) -> None:
    found = hum(observe(voice("cmu_arctic_bdl_slt", "arctic_bdl", 10.0)))
    assert found is not None
    assert found.relative_db < -50


def test_torn_sound_is_a_dropout_and_a_pause_is_not(rng: np.random.Generator, heard: Heard) -> None:
    sound = 0.1 * rng.standard_normal(4 * RATE)
    sound[RATE : RATE + 960] = 0.0
    sound[2 * RATE : round(2.7 * RATE)] = 0.0
    reading = dropouts(heard(sound, [(0.0, 4.0)]))
    assert [(round(s.start, 3), round(s.end, 3)) for s in reading.spans] == [(1.0, 1.02)]
    assert reading.value == pytest.approx(15.0)


def test_a_gate_that_closes_in_silence_is_no_dropout(rng: np.random.Generator, heard: Heard) -> None:
    fade = np.concatenate([np.ones(RATE), np.geomspace(1, 1e-4, RATE // 4), np.zeros(RATE // 4)])
    sound = 0.1 * rng.standard_normal(3 * RATE) * np.concatenate([fade, fade[::-1]])
    assert dropouts(heard(sound, [(0.0, 3.0)])).spans == ()


@pytest.mark.speech
def test_low_bit_rates_leave_holes(voice: Voice) -> None:
    said = voice("philipp_matthes", "philipp_matthes", 10.0)
    before, after = (spectral_holes_percent(observe(w)) for w in (said, _mp3(said, 32_000)))
    assert before is not None
    assert after is not None
    assert before < 0.05 < 0.15 < after


@pytest.mark.speech
def test_a_noise_gate_leaves_the_noise_under_the_speech(voice: Voice, rng: np.random.Generator) -> None:
    said = voice("jenny_sample", "jenny", 12.0)
    noise = np.std(said.samples) * 10 ** (-20 / 20) * rng.standard_normal(len(said.samples))
    noisy = (0.3 * (said.samples + noise)).astype(np.float32)
    open_gate = np.repeat(observe(said).speech, RATE // 100)[: len(noisy)]
    before = gating_db(observe(Waveform(noisy, RATE)))
    after = gating_db(observe(Waveform(np.where(open_gate, noisy, noisy * np.float32(1e-3)), RATE)))
    assert before is not None
    assert after is not None
    assert before < 5 < 25 < after


def _mp3(waveform: Waveform, bits_per_second: int) -> Waveform:
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp3") as file:
        stream: Any = file.add_stream("libmp3lame", rate=waveform.rate, layout="mono")
        stream.bit_rate = bits_per_second
        stream.codec_context.open()
        frame = av.AudioFrame.from_ndarray(waveform.samples[None], format="fltp", layout="mono")
        frame.sample_rate = waveform.rate
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, "mono", waveform.rate, context.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            file.mux(stream.encode(part))
    return decode(sink.getvalue())
