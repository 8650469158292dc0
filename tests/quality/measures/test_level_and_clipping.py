from collections.abc import Callable, Sequence

import numpy as np
import pyloudnorm
import pytest

from yinse.engine.audio.waveform import Waveform
from yinse.quality.measures.clipping import clipping, saturation_percent
from yinse.quality.measures.level import loudness_lufs, true_peak_dbtp
from yinse.quality.observe.observer import Observation, observe

Heard = Callable[[np.ndarray, Sequence[tuple[float, float]]], Observation]
Voice = Callable[[str, str, float], Waveform]
RATE = 48_000


def _speechlike(rng: np.random.Generator, seconds: float = 4.0) -> np.ndarray:
    """Laplacian noise under a slow envelope: the amplitudes of speech, peak about 0.5."""
    noise = rng.laplace(size=round(seconds * RATE))
    envelope = 0.55 + 0.45 * np.sin(2 * np.pi * 3.0 * np.arange(len(noise)) / RATE)
    shaped = np.convolve(noise * envelope, np.hanning(24), mode="same")
    return shaped * 0.5 / np.abs(shaped).max()


@pytest.mark.parametrize("gain", [1.0, 0.1, 0.01])
def test_loudness_agrees_with_the_meter_of_the_library(gain: float, rng: np.random.Generator) -> None:
    sound = Waveform((gain * _speechlike(rng)).astype(np.float32), RATE)
    wanted = pyloudnorm.Meter(RATE).integrated_loudness(sound.samples.astype(np.float64))
    assert loudness_lufs(observe(sound)) == pytest.approx(wanted, abs=0.1)


def test_silence_has_no_loudness_and_no_peak() -> None:
    silent = observe(Waveform(np.zeros(RATE, np.float32), RATE))
    assert loudness_lufs(silent) is None
    assert true_peak_dbtp(silent) is None


def test_the_true_peak_lies_between_the_samples() -> None:
    """A quarter of the rate, an eighth of a turn late: every sample misses the crest by 3 dB (BS.1770-4, annex 2)."""
    wave = 0.5 * np.sin(np.arange(RATE) * np.pi / 2 + np.pi / 4) * np.hanning(RATE)
    assert 20 * np.log10(np.abs(wave).max()) == pytest.approx(-9.03, abs=0.01)
    assert true_peak_dbtp(observe(Waveform(wave.astype(np.float32), RATE))) == pytest.approx(-6.02, abs=0.05)


def test_what_is_not_clipped_reads_none(rng: np.random.Generator, heard: Heard) -> None:
    reading = clipping(heard(_speechlike(rng), [(0.0, 4.0)]))
    assert reading.value == pytest.approx(0.0, abs=0.02)
    assert reading.spans == ()


@pytest.mark.parametrize("ceiling", [1.0, 0.5, 0.2])
@pytest.mark.parametrize("share", [0.005, 0.02, 0.08])
def test_clipping_is_measured_at_any_ceiling(
    share: float, ceiling: float, rng: np.random.Generator, heard: Heard
) -> None:
    sound = _speechlike(rng)
    limit = np.quantile(np.abs(sound), 1 - share)
    reading = clipping(heard(np.clip(sound / limit, -1, 1) * ceiling, [(0.0, 4.0)]))
    assert reading.value == pytest.approx(100 * share, rel=0.5)


def test_clipping_says_where(rng: np.random.Generator, heard: Heard) -> None:
    sound = 0.3 * _speechlike(rng)
    sound[RATE : RATE + 4800] = np.clip(sound[RATE : RATE + 4800] * 60, -1, 1)
    spans = clipping(heard(sound, [(0.0, 4.0)])).spans
    assert len(spans) == 1
    assert spans[0].start == pytest.approx(1.0, abs=0.03)
    assert spans[0].end == pytest.approx(1.1, abs=0.03)


@pytest.mark.speech
@pytest.mark.parametrize("share", [0.01, 0.03])
def test_real_speech_clipped_hard_or_soft_is_noticed(share: float, voice: Voice) -> None:
    said = voice("philipp_matthes", "philipp_matthes", 10.0)
    limit = np.quantile(np.abs(said.samples), 1 - share)
    clean = clipping(observe(said)).value
    hard = clipping(observe(Waveform(np.clip(said.samples / limit, -1, 1), said.rate))).value
    soft = clipping(observe(Waveform(np.tanh(said.samples / limit), said.rate))).value
    assert clean == pytest.approx(0.0, abs=0.02)
    assert hard == pytest.approx(100 * share, rel=0.2)
    assert soft is not None
    assert soft > 0.02


@pytest.mark.speech
def test_saturation_survives_where_clipping_was_rounded_off(voice: Voice) -> None:
    said = voice("philipp_matthes", "philipp_matthes", 10.0)
    limit = np.quantile(np.abs(said.samples), 0.97)
    rounded = np.convolve(np.clip(said.samples / limit, -1, 1), np.hanning(9)[1:-1] / 4, mode="same") * 0.6
    before = saturation_percent(observe(said))
    after = saturation_percent(observe(Waveform(rounded.astype(np.float32), said.rate)))
    assert before is not None
    assert after is not None
    assert before < 10 < 18 < after
