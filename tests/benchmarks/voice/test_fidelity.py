import numpy as np
import pytest
from benchmarks.voice.fidelity import drowned, echo, fidelity, scores

from yinse.engine.audio.waveform import Waveform


@pytest.fixture(scope="module")
def judges():
    pytest.importorskip(
        "pesq", reason="pesq is not installed: pip install -e '.[bench]' (needs a C compiler)"
    )
    return pytest.importorskip("pystoi")


@pytest.fixture(scope="module")
def speech(speech_data) -> list[Waveform]:
    from benchmarks.voice.speech import SpeechData

    data = SpeechData(speech_data)
    return data.read([u for u in data.utterances if u.speaker == "arctic_slt"][:2])


@pytest.mark.speech
def test_a_recording_against_itself_is_perfect_and_noise_is_not(judges, speech):
    perfect = fidelity(speech, lambda waveform: waveform)
    assert perfect.pesq.value > 4.6
    assert perfect.stoi.value == pytest.approx(1.0, abs=1e-3)
    assert perfect.echo.value == 0
    poor = fidelity(speech, drowned)
    assert poor.pesq.value < 1.5
    assert poor.stoi.value < 0.95


def test_a_copy_of_another_length_is_refused():
    one = Waveform(np.zeros(16000, np.float32), 16000)
    other = Waveform(np.zeros(20000, np.float32), 16000)
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    with pytest.raises(ValueError, match="not a copy"):
        scores(one, other)


def test_noise_of_equal_power_is_drawn_the_same_every_time():
    one = Waveform(np.sin(np.arange(16000) / 9).astype(np.float32), 16000)
    noisy = drowned(one)
    assert np.array_equal(noisy.samples, drowned(one).samples)
    assert np.var(noisy.samples - one.samples) == pytest.approx(np.var(one.samples), rel=0.05)


def test_what_repeats_itself_in_the_copy_alone_is_an_echo():
    noise = np.random.default_rng(0).standard_normal(32000).astype(np.float32) * 0.1
    other = np.random.default_rng(1).standard_normal(32000).astype(np.float32) * 0.1
    assert echo(noise, other) < 3
    assert echo(noise, other + np.roll(other, 320)) > 10
    assert echo(other + np.roll(other, 320), other) < 3
