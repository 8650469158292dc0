import numpy as np
import pytest
from benchmarks.voice.identification import Identification, identify, transitions

from yinse.engine.audio.waveform import Waveform

SENTENCES = ["nobody noticed the clock", "turn left after the church", "fresh strawberries are cheaper"]


def test_automaton_has_one_path_a_sentence():
    arcs = transitions([("a", "b"), ("c",), ("d", "e", "f")])
    assert arcs == [
        (0, 2, 1 / 3, "a"), (2, 1, 1.0, "b"),
        (0, 1, 1 / 3, "c"),
        (0, 3, 1 / 3, "d"), (3, 4, 1.0, "e"), (4, 1, 1.0, "f"),
    ]  # fmt: skip


def test_accuracy_and_floor_of_choices():
    heard = Identification((0, 1, None, 0))
    assert heard.accuracy.value == 0.5
    assert heard.floor.value == 0.25  # the last was heard as the first, its neighbour


@pytest.fixture(scope="module")
def pocketsphinx():
    return pytest.importorskip("pocketsphinx")


def test_a_word_that_nobody_can_pronounce_is_named(pocketsphinx):
    with pytest.raises(ValueError, match="lacks: xqzzy"):
        identify([noise()], ["the xqzzy barked"])


def test_sentences_of_one_sound_are_refused(pocketsphinx):
    with pytest.raises(ValueError, match="must differ in sound"):
        identify([noise(), noise()], ["妈妈", "骂马"], "zh")


def test_every_waveform_needs_its_sentence():
    with pytest.raises(ValueError, match="4 waveforms for 3 sentences"):
        identify([noise()] * 4, SENTENCES)


def noise(seconds: float = 1.0) -> Waveform:
    samples = np.random.default_rng(0).standard_normal(round(16000 * seconds)).astype(np.float32)
    return Waveform(0.05 * samples, 16000)


@pytest.mark.speech
def test_natural_speech_is_heard_whatever_the_order(pocketsphinx, speech_data):
    from benchmarks.voice.speech import SpeechData

    data = SpeechData(speech_data)
    chosen = [u for u in data.utterances if u.speaker == "arctic_slt" and u.text.isascii()][10:14]
    sentences = [utterance.text for utterance in chosen]
    waveforms = data.read(chosen)
    assert identify(waveforms, sentences).choices == (0, 1, 2, 3)
    assert identify(waveforms[::-1], sentences).choices == (3, 2, 1, 0)


@pytest.mark.speech
def test_mandarin_is_heard_through_english_phones(pocketsphinx, speech_data):
    from benchmarks.voice.speech import SpeechData

    data = SpeechData(speech_data)
    chosen = [u for u in data.utterances if u.source == "aishell3_samples"][2:6]
    heard = identify(data.read(chosen), [utterance.text for utterance in chosen], "zh")
    assert heard.accuracy.value >= 0.75
