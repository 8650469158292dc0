from collections.abc import Callable, Sequence

import numpy as np
import pytest

from yinse.engine.audio.waveform import Waveform
from yinse.quality.measures.noise import disturbances, noise_floor_dbfs, pause_frames, snr_db
from yinse.quality.observe.observer import Observation, observe

Heard = Callable[[np.ndarray, Sequence[tuple[float, float]]], Observation]
Voice = Callable[[str, str, float], Waveform]
NoiseFile = Callable[[str], Waveform]
RATE = 48_000
SPEECH = [(1.0, 3.0)]


def _tone_in_noise(rng: np.random.Generator, snr: float) -> np.ndarray:
    """Four seconds of noise at -40 dBFS, a tone within seconds 1 to 3."""
    noise = 0.01 * rng.standard_normal(4 * RATE)
    time = np.arange(4 * RATE) / RATE
    tone = np.sqrt(2) * 0.01 * 10 ** (snr / 20) * np.sin(2 * np.pi * 500 * time)
    return noise + np.where((time >= 1.0) & (time < 3.0), tone, 0.0)


@pytest.mark.parametrize("snr", [0.0, 10.0, 20.0, 30.0])
def test_the_ratio_is_exact_where_everything_is_known(
    snr: float, rng: np.random.Generator, heard: Heard
) -> None:
    seen = heard(_tone_in_noise(rng, snr), SPEECH)
    assert snr_db(seen) == pytest.approx(snr, abs=0.6)
    assert noise_floor_dbfs(seen) == pytest.approx(-40.0, abs=0.6)


def test_without_speech_there_is_no_ratio(rng: np.random.Generator, heard: Heard) -> None:
    seen = heard(_tone_in_noise(rng, 20.0), [])
    assert snr_db(seen) is None
    assert disturbances(seen).value is None
    assert noise_floor_dbfs(seen) is not None


def test_pauses_keep_away_from_speech(rng: np.random.Generator, heard: Heard) -> None:
    quiet = pause_frames(heard(_tone_in_noise(rng, 20.0), SPEECH))
    assert quiet.nonzero()[0].tolist() == [*range(90), *range(325, 400)]


def test_a_knock_is_a_disturbance_and_hardly_noise(rng: np.random.Generator, heard: Heard) -> None:
    sound = _tone_in_noise(rng, 20.0)
    knock = round(3.6 * RATE)
    sound[knock : knock + 2400] += 0.2 * rng.standard_normal(2400)
    seen = heard(sound, SPEECH)
    reading = disturbances(seen)
    assert [round(edge, 1) for span in reading.spans for edge in (span.start, span.end)] == [3.6, 3.6] or [
        span.start for span in reading.spans
    ] == pytest.approx([3.6], abs=0.03)
    assert reading.value == pytest.approx(100 * 0.05 / 1.65, rel=0.4)
    assert snr_db(seen) == pytest.approx(20.0, abs=1.5)


def test_steady_noise_is_no_disturbance(rng: np.random.Generator, heard: Heard) -> None:
    assert disturbances(heard(_tone_in_noise(rng, 5.0), SPEECH)).value == 0.0


@pytest.mark.speech
@pytest.mark.parametrize("snr", [5.0, 15.0, 25.0])
def test_real_speech_in_noise_of_known_level(snr: float, voice: Voice, rng: np.random.Generator) -> None:
    said = voice("jenny_sample", "jenny", 12.0)
    power = np.mean(said.samples[np.repeat(observe(said).speech, RATE // 100)[: len(said.samples)]] ** 2)
    noise = np.sqrt(power / 10 ** (snr / 10)) * rng.standard_normal(len(said.samples))
    mixed = Waveform((0.3 * (said.samples + noise)).astype(np.float32), said.rate)
    assert snr_db(observe(mixed)) == pytest.approx(snr, abs=2.0)


@pytest.mark.speech
def test_without_pauses_the_gaps_of_speech_serve(voice: Voice, rng: np.random.Generator) -> None:
    said = voice("cmu_arctic_bdl_slt", "arctic_bdl", 10.0)
    noise = np.std(said.samples) * 10 ** (-15 / 20) * rng.standard_normal(len(said.samples))
    seen = observe(Waveform((said.samples + noise).astype(np.float32), said.rate))
    assert pause_frames(seen).sum() < 40
    assert snr_db(seen) == pytest.approx(15.0, abs=2.0)
