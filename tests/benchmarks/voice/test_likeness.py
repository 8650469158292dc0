import numpy as np
import pytest
from benchmarks.voice.likeness import compare, enrol
from benchmarks.voice.sounds import join, pieces_of

from yinse.engine.audio.waveform import Waveform


def tone(hertz: float, seconds: float = 1.0, rate: int = 16000) -> Waveform:
    time = np.arange(round(seconds * rate)) / rate
    return Waveform(np.sin(2 * np.pi * hertz * time).astype(np.float32), rate)


def spectrum(waveform: Waveform) -> np.ndarray:
    """A toy speaker encoder: where the energy lies."""
    magnitude = np.abs(np.fft.rfft(waveform.samples, 4096))[:512].reshape(64, 8).sum(1).astype(np.float32)
    return magnitude / np.linalg.norm(magnitude)


def test_a_perfect_encoder_identifies_everyone():
    voices = {"low": 300.0, "middle": 700.0, "high": 1500.0}
    enrolled = enrol({name: [tone(hertz), tone(hertz)] for name, hertz in voices.items()}, spectrum)
    result = compare({name: [tone(hertz, 0.7)] for name, hertz in voices.items()}, enrolled, spectrum)
    assert result.top1.value == 1.0
    assert result.cosine.value > 0.95
    assert result.wrong_speaker.value < 0.3


def test_an_impostor_is_counted_as_such():
    enrolled = enrol({"low": [tone(300)], "high": [tone(1500)]}, spectrum)
    result = compare({"low": [tone(1500)], "high": [tone(1500)]}, enrolled, spectrum)
    assert result.top1.value == 0.5
    assert result.top1.samples == 2


def test_an_enrolled_voice_is_a_direction():
    enrolled = enrol({"both": [tone(300), tone(1500)]}, spectrum)
    assert np.linalg.norm(enrolled["both"]) == pytest.approx(1.0)


def test_pieces_hold_whole_utterances_and_leave_a_short_rest():
    pieces = pieces_of([tone(300, 1.5), tone(300, 1.0), tone(300, 3.0), tone(300, 0.5)], 2.0)
    assert [round(piece.seconds, 3) for piece in pieces] == [2.5, 3.0]


def test_joining_resamples():
    joined = join([tone(300, 1.0, 16000), tone(300, 1.0, 44100)])
    assert joined.rate == 16000
    assert joined.seconds == pytest.approx(2.0, abs=0.01)
