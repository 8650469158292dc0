from collections.abc import Callable, Sequence

import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.engine.audio.waveform import Waveform
from yinse.quality.measures.music import music
from yinse.quality.measures.reverberation import reverberation_s
from yinse.quality.measures.speakers import other_speaker
from yinse.quality.observe.observer import Observation, observe
from yinse.quality.observe.voices import SpeakerRuler, Voices

Heard = Callable[[np.ndarray, Sequence[tuple[float, float]]], Observation]
Voice = Callable[[str, str, float], Waveform]
NoiseFile = Callable[[str], Waveform]
RATE = 48_000


def _room(seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A room's answer: noise that falls by 60 dB in `seconds`, after a direct sound as strong as all of it."""
    time = np.arange(round(1.2 * seconds * RATE)) / RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail[: round(0.0025 * RATE)] = 0.0
    tail /= np.linalg.norm(tail)
    tail[0] = 1.0
    return tail


@pytest.mark.speech
@pytest.mark.parametrize("seconds", [0.3, 0.6, 1.0])
def test_the_reverberation_of_a_known_room(seconds: float, voice: Voice, rng: np.random.Generator) -> None:
    from scipy.signal import fftconvolve

    said = voice("philipp_matthes", "philipp_matthes", 12.0)
    wet = fftconvolve(said.samples, _room(seconds, rng))[: len(said.samples)]
    found = reverberation_s(observe(Waveform(wet.astype(np.float32), RATE)))
    assert found == pytest.approx(seconds, rel=0.3)


@pytest.mark.speech
def test_a_dry_voice_is_dry(voice: Voice) -> None:
    dry = reverberation_s(observe(voice("philipp_matthes", "philipp_matthes", 12.0)))
    assert dry is not None
    assert dry < 0.3


def test_a_moment_tells_nothing_of_the_room(heard: Heard) -> None:
    assert reverberation_s(heard(np.ones(100), [])) is None
    assert reverberation_s(heard(np.zeros(RATE), [])) is None


def _chords(seconds: float) -> np.ndarray:
    """A chord of three notes with four partials each, a new one every half second."""
    time = np.arange(RATE // 2) / RATE
    chords = []
    for step in range(round(2 * seconds)):
        root = 220.0 * 2 ** ((step * 5 % 12) / 12)
        notes = (root * 2 ** (interval / 12) * partial for interval in (0, 4, 7) for partial in (1, 2, 3, 4))
        chords.append(sum(np.sin(2 * np.pi * note * time) for note in notes) * np.exp(-2 * time))
    return 0.02 * np.concatenate(chords)


def test_chords_in_the_pauses_are_music(heard: Heard) -> None:
    reading = music(heard(_chords(6.0), [(2.0, 3.0)]))
    assert reading.value is not None
    assert reading.value > 60
    assert reading.spans


def test_noise_hum_and_a_whistle_are_not_music(rng: np.random.Generator, heard: Heard) -> None:
    time = np.arange(8 * RATE) / RATE
    noise = 0.01 * rng.standard_normal(len(time))
    hum = noise + 0.02 * sum(np.sin(2 * np.pi * 50 * k * time) for k in range(1, 6))
    whistle = noise + 0.02 * sum(np.sin(2 * np.pi * f * time) for f in (900, 1800, 2700, 3600))
    for sound, most in ((noise, 2), (hum, 2), (whistle, 40)):
        found = music(heard(sound, [(5.0, 6.0)])).value
        assert found is not None
        assert found < most


def test_faint_music_counts_less(heard: Heard) -> None:
    sound = _chords(6.0)
    sound[2 * RATE : 3 * RATE] = 0.5 * np.sin(np.arange(RATE) / 10)
    loud, faint, gone = (music(heard(_scaled(sound, gain), [(2.0, 3.0)])).value for gain in (2, 0.25, 0.001))
    assert loud is not None
    assert faint == pytest.approx(loud / 2, rel=0.1)
    assert gone == 0.0


def _scaled(sound: np.ndarray, gain: float) -> np.ndarray:
    scaled = gain * sound
    scaled[2 * RATE : 3 * RATE] = sound[2 * RATE : 3 * RATE]
    return scaled


@pytest.mark.speech
@pytest.mark.parametrize(("name", "least"), [("016.opus", 40), ("017.opus", 30), ("019.opus", 30)])
def test_real_music_under_real_speech(name: str, least: float, voice: Voice, noise_file: NoiseFile) -> None:
    said = voice("jenny_sample", "jenny", 12.0)
    tune = np.resize(noise_file(name).samples, len(said.samples))
    mixed = said.samples + tune * np.std(said.samples) / np.std(tune) * 10 ** (-15 / 20)
    found, before = (
        music(observe(Waveform(x.astype(np.float32), RATE))).value for x in (mixed, said.samples)
    )
    assert before is not None
    assert found is not None
    assert before < 10 < least < found


def _people(*who: int) -> Voices:
    """Stretches every 0.75 s, each of the person given, their voices at right angles but for a little noise."""
    noise = 0.05 * np.random.default_rng(0).standard_normal((len(who), 8))
    vectors = np.eye(8)[list(who)] + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    spans = tuple(Span(0.75 * index, 0.75 * index + 1.5) for index in range(len(who)))
    return Voices(vectors.astype(np.float32), spans, different_below=0.7)


def test_one_person_is_one_person() -> None:
    assert other_speaker(_people(*[0] * 12)).value == 0.0


def test_a_second_person_is_found_and_placed() -> None:
    reading = other_speaker(_people(*[0] * 5, 1, 1, *[0] * 5))
    assert reading.value == pytest.approx(100 * 2 / 12)
    assert reading.spans == (Span(3.75, 6.0),)


def test_without_an_encoder_nothing_is_said() -> None:
    assert other_speaker(None).value is None


def test_ten_seconds_of_speech_are_heard_before_anything_is_said() -> None:
    assert other_speaker(_people(*[0] * 5, *[1] * 6)).value is None
    assert other_speaker(_people(*[0] * 6, *[1] * 6)).value == pytest.approx(50.0)


@pytest.mark.speech
def test_two_real_voices_by_an_independent_encoder(voice: Voice, resemblyzer: SpeakerRuler) -> None:
    first = voice("librispeech_train_clean", "libri_26", 14.0).samples
    second = voice("librispeech_train_clean", "libri_19", 6.0).samples
    alone = other_speaker(observe(Waveform(first, RATE), resemblyzer).voices)
    both = other_speaker(observe(Waveform(np.concatenate([first, second]), RATE), resemblyzer).voices)
    assert alone.value == 0.0
    assert both.value == pytest.approx(30.0, abs=8.0)
    assert both.spans[0].start == pytest.approx(14.0, abs=1.0)
