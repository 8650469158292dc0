from collections.abc import Callable, Sequence

import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.engine.audio.waveform import Waveform
from yinse.quality.measures.outbursts import outbursts
from yinse.quality.measures.speech import (
    longest_pause,
    longest_run_s,
    net_speech_s,
    pitch_spread_semitones,
    speaking_rate,
    speech_ratio,
)
from yinse.quality.observe.observer import Observation, observe

Heard = Callable[[np.ndarray, Sequence[tuple[float, float]]], Observation]
Voice = Callable[[str, str, float], Waveform]
RATE = 48_000
SIX_SECONDS = np.zeros(6 * RATE)


def _sung(hertz: np.ndarray, envelope: np.ndarray) -> np.ndarray:
    """A buzz of ten harmonics at the given pitch and loudness, sample by sample."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    return 0.1 * envelope * sum(np.sin(k * phase) / k for k in range(1, 11))


def test_amounts_of_speech(heard: Heard) -> None:
    seen = heard(SIX_SECONDS, [(0.5, 1.5), (2.0, 3.0), (5.5, 6.0)])
    assert net_speech_s(seen) == pytest.approx(2.5)
    assert speech_ratio(seen) == pytest.approx(2.5 / 6)
    assert longest_run_s(seen) == pytest.approx(2.5)
    assert longest_pause(seen) == Span(3.0, 5.5)


def test_silence_has_no_speech(heard: Heard) -> None:
    seen = heard(SIX_SECONDS, [])
    assert (net_speech_s(seen), longest_run_s(seen), longest_pause(seen)) == (0.0, 0.0, None)
    assert speaking_rate(seen) is None
    assert pitch_spread_semitones(seen) is None
    assert outbursts(seen).value is None


@pytest.mark.parametrize("rate", [2.0, 4.0, 6.0])
def test_syllables_are_counted(rate: float, heard: Heard) -> None:
    time = np.arange(4 * RATE) / RATE
    envelope = 0.05 + np.maximum(0.0, np.sin(2 * np.pi * rate * time)) ** 2
    seen = heard(_sung(np.full(len(time), 150.0), envelope), [(0.0, 4.0)])
    assert speaking_rate(seen) == pytest.approx(rate, rel=0.08)


def test_pitch_spread_is_in_semitones(heard: Heard) -> None:
    time = np.arange(4 * RATE) / RATE
    flat = _sung(np.full(len(time), 150.0), np.ones(len(time)))
    lively = _sung(150.0 * 2 ** (np.sign(np.sin(2 * np.pi * time)) * 4 / 12), np.ones(len(time)))
    assert pitch_spread_semitones(heard(flat, [(0.0, 4.0)])) == pytest.approx(0.0, abs=0.2)
    assert pitch_spread_semitones(heard(lively, [(0.0, 4.0)])) == pytest.approx(4.0, abs=0.3)


@pytest.mark.speech
def test_the_rate_of_real_mandarin_is_its_characters(voice: Voice) -> None:
    """The first minute of a speaker who says 3.7 characters a second of speech."""
    found = speaking_rate(observe(voice("aishell_sample", "aishell_S0150", 30.0)))
    assert found == pytest.approx(3.7, rel=0.2)


def test_a_cough_is_loud_noise_without_voice(rng: np.random.Generator, heard: Heard) -> None:
    time = np.arange(6 * RATE) / RATE
    sound = _sung(np.full(len(time), 150.0), (time < 4).astype(float))
    sound[5 * RATE : 5 * RATE + 19_200] += 0.2 * rng.standard_normal(19_200)
    reading = outbursts(heard(sound + 1e-4 * rng.standard_normal(len(time)), [(0.0, 4.0)]))
    assert [round(span.start, 1) for span in reading.spans][:1] == [5.0]
    assert reading.value is not None
    assert reading.value > 2


def test_laughter_is_regular(heard: Heard) -> None:
    time = np.arange(6 * RATE) / RATE
    beats = np.maximum(0.0, np.sin(2 * np.pi * 5 * time)) ** 3
    words = np.maximum(0.0, np.sin(2 * np.pi * (3 * time + 0.9 * np.sin(2 * np.pi * 0.7 * time)))) ** 2
    for envelope, laughs in ((beats, True), (words, False)):
        sound = _sung(np.full(len(time), 200.0), 0.001 + envelope)
        assert bool(outbursts(heard(sound, [(0.0, 6.0)])).spans) == laughs


@pytest.mark.speech
@pytest.mark.parametrize("speaker", ["libri_19", "libri_26", "libri_27"])
def test_plain_reading_has_no_outbursts(speaker: str, voice: Voice) -> None:
    found = outbursts(observe(voice("librispeech_train_clean", speaker, 20.0))).value
    assert found is not None
    assert found < 1.0
