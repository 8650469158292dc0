from collections.abc import Callable

import numpy as np
import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.audio.loudness import loudness, peak_limit, to_loudness, true_peak
from yinse.engine.audio.waveform import Waveform

Tone = Callable[..., Waveform]


def test_the_reference_tone_of_the_standard(tone: Tone) -> None:
    """BS.1770-4: a full-scale 997 Hz sine in one channel reads -3.01 LUFS."""
    assert loudness(tone(997.0, 2.0, 48_000, 1.0)) == pytest.approx(-3.01, abs=0.05)


def test_pauses_do_not_count(tone: Tone) -> None:
    sound = tone(997.0, 2.0, 48_000, 0.1)
    paused = Waveform(np.concatenate([sound.samples, np.zeros(480_000, np.float32)]), 48_000)
    assert loudness(paused) == pytest.approx(loudness(sound), abs=0.5)


def test_silence_is_minus_infinity_and_cannot_be_raised() -> None:
    silence = Waveform(np.zeros(48_000, np.float32), 48_000)
    assert loudness(silence) == -np.inf
    assert true_peak(silence) == -np.inf
    with pytest.raises(InvalidInput) as caught:
        to_loudness(silence)
    assert caught.value.code == "audio_silent"


def test_a_moment_has_a_loudness_too(tone: Tone) -> None:
    assert loudness(tone(997.0, 0.1, 48_000, 1.0)) == pytest.approx(-3.01, abs=0.5)


def test_the_peak_between_the_samples_is_found(tone: Tone) -> None:
    """A sine at a quarter of the rate, 45 degrees off, peaks 3 dB above its samples."""
    time = np.arange(4800)
    hidden = Waveform(np.sin(np.pi / 2 * time + np.pi / 4).astype(np.float32), 48_000)
    assert 20 * np.log10(np.abs(hidden.samples).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak(hidden) == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("target", [-30.0, -20.0])
def test_gain_reaches_the_target(target: float, tone: Tone) -> None:
    assert loudness(to_loudness(tone(500.0, 2.0), target_lufs=target)) == pytest.approx(target, abs=0.05)


def test_the_limiter_bends_only_what_is_too_loud(rng: np.random.Generator) -> None:
    samples = (0.1 * rng.standard_normal(48_000)).astype(np.float32)
    samples[24_000:24_050] *= 15
    limited = peak_limit(Waveform(samples, 48_000), ceiling_dbtp=-1.0)
    assert true_peak(limited) <= -1.0 + 1e-3
    assert np.allclose(limited.samples[:22_000], samples[:22_000], atol=1e-4)
    assert np.allclose(limited.samples[26_000:], samples[26_000:], atol=1e-4)


def test_under_the_ceiling_nothing_changes(tone: Tone) -> None:
    waveform = tone(amplitude=0.5)
    assert peak_limit(waveform) is waveform


def test_the_limiter_does_not_clip(tone: Tone) -> None:
    """A loud sine stays a sine: its gain falls, no harmonics appear."""
    limited = peak_limit(tone(1000.0, 1.0, 48_000, 2.0))
    spectrum = np.abs(np.fft.rfft(limited.samples * np.hanning(48_000)))
    assert spectrum[2900:3100].max() < 1e-3 * spectrum[1000]
