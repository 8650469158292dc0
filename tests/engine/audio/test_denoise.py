import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.engine.audio.denoise import denoise, denoise_if_helpful
from yinse.engine.audio.vad import speech_spans
from yinse.engine.audio.waveform import Waveform

Tone = Callable[..., Waveform]
Speech = Callable[[str, int], list[Waveform]]
SPANS = [Span(1.0, 2.0)]


@pytest.fixture
def noisy(tone: Tone, rng: np.random.Generator) -> tuple[Waveform, Waveform]:
    """A second of tone within three seconds, alone and in noise."""
    clean = tone(800.0, 3.0, 16_000, 0.3).samples.copy()
    clean[:16_000] = clean[32_000:] = 0.0
    noise = 0.03 * rng.standard_normal(48_000).astype(np.float32)
    return Waveform(clean, 16_000), Waveform(clean + noise, 16_000)


def _snr(clean: Waveform, heard: Waveform) -> float:
    return float(10 * np.log10(np.sum(clean.samples**2) / np.sum((clean.samples - heard.samples) ** 2)))


def test_noise_falls_and_the_sound_stays(noisy: tuple[Waveform, Waveform]) -> None:
    clean, heard = noisy
    cleaned = denoise(heard, SPANS)
    assert len(cleaned.samples) == len(heard.samples)
    assert _snr(clean, cleaned) > _snr(clean, heard) + 6
    pause = np.std(cleaned.samples[1600:14_000]) / np.std(heard.samples[1600:14_000])
    assert 10 ** (-16 / 20) < pause < 10 ** (-10 / 20)


def test_without_a_pause_there_is_nothing_to_learn(noisy: tuple[Waveform, Waveform]) -> None:
    with pytest.raises(ValueError, match="pause"):
        denoise(noisy[1], [Span(0.1, 2.9)])


def test_a_long_recording_takes_little_memory_beside_its_samples(rng: np.random.Generator) -> None:
    peaks = []
    for seconds in (10, 30):
        samples = 0.03 * rng.standard_normal(seconds * 16_000).astype(np.float32)
        tracemalloc.start()
        denoise(Waveform(samples, 16_000), SPANS)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 20 * 20 * 16_000  # bytes: five arrays of samples, and no spectra


@pytest.mark.parametrize(
    ("snr", "band", "spans", "reason"),
    [
        (18.0, 7600.0, SPANS, "helped"),
        (29.0, 8000.0, SPANS, "clean_enough"),
        (9.0, 8000.0, SPANS, "too_noisy"),
        (18.0, 7400.0, SPANS, "band_lost"),
        (18.0, 8000.0, [Span(0.0, 3.0)], "no_pause"),
    ],
)
def test_the_policy(
    snr: float, band: float, spans: list[Span], reason: str, noisy: tuple[Waveform, Waveform]
) -> None:
    raw = noisy[1]
    result = denoise_if_helpful(
        raw, spans, snr, voice_band=lambda waveform: 8000.0 if waveform is raw else band
    )
    assert result.reason == reason
    assert result.applied == (reason == "helped")
    assert (result.waveform is raw) == (not result.applied)


@pytest.mark.speech
def test_real_speech_gains_from_it(speech: Speech, rng: np.random.Generator) -> None:
    takes = speech("librispeech_train_clean", 2)
    clean = Waveform(np.concatenate([t.samples for t in takes]), takes[0].rate)
    noise = rng.standard_normal(len(clean.samples)).astype(np.float32)
    noise *= np.std(clean.samples) / np.std(noise) * 10 ** (-15 / 20)
    heard = Waveform(clean.samples + noise, clean.rate)
    cleaned = denoise(heard, speech_spans(heard))
    assert _snr(clean, cleaned) > _snr(clean, heard) + 4
