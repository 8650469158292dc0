"""The table of priors: what is held against what, on speech of known sound."""

from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.ablation.priors import (
    NATURAL,
    Line,
    Outcome,
    Setting,
    judge,
    measure,
    settings,
    speaker,
    to_markdown,
)
from benchmarks.voice.figures import Figure

from yinse.contracts.errors import InvalidInput
from yinse.engine.audio.waveform import Waveform
from yinse.engine.synthesis.result import Speech, SpeechReport
from yinse.engine.text.phonemise import phonemise

LINES = [Line("hello world", "en", "ann"), Line("good morning", "en", "bob")]
VOICES = {"ann": np.array([1.0, 0.0], np.float32), "bob": np.array([0.0, 1.0], np.float32)}


def sound(index: int) -> Waveform:
    return Waveform(np.full(1600, index / 10, np.float32), 16000)


def recognise(waveform: Waveform) -> list[str]:
    """Hears the line that the level names; of the second one the first phoneme is missed."""
    index = round(float(waveform.samples[0]) * 10)
    return phonemise(LINES[index].text, "en")[index:]


def embed(waveform: Waveform) -> np.ndarray:
    return np.array([0.6, 0.8], np.float32)


def test_errors_are_counted_a_phoneme_and_likeness_against_the_own_voice():
    outcome = judge("x", LINES, [sound(0), sound(1)], VOICES, recognise, embed)
    phonemes = sum(len([s for s in phonemise(line.text, "en") if "/" in s]) for line in LINES)
    assert outcome.phoneme_error.value == pytest.approx(1 / phonemes)
    assert outcome.cosine.value == pytest.approx(0.7)
    assert outcome.real_time_factor is None


def test_every_prior_speaks_the_same_lines_with_the_same_seeds_and_one_try():
    asked = []

    def speak(line, options):
        asked.append((line.text, options))
        return Speech(sound(len(asked) - 1), SpeechReport(10.0, 2.0, 0.5, options.seed, ()))

    outcome = measure(Setting("d", True, 8), LINES, speak, VOICES, recognise, embed)
    assert [text for text, _ in asked] == ["hello world", "good morning"]
    assert [options.seed for _, options in asked] == [0, 1]
    assert {(o.diffusion, o.diffusion_steps, o.retries, o.language) for _, o in asked} == {(True, 8, 0, "en")}
    assert outcome.real_time_factor is not None
    assert outcome.real_time_factor.value == pytest.approx(0.25)


def test_the_engine_is_asked_by_the_name_of_the_voice():
    said = []
    engine = SimpleNamespace(speak=lambda text, prompt, options: said.append((text, prompt, options)))
    options = Setting("flow", False).options("en", 0)
    speaker(engine, {"ann": "prompt of ann"})(LINES[0], options)
    assert said == [("hello world", "prompt of ann", options)]


def test_without_diffusion_the_flow_stands_alone():
    def engine(prior):
        return SimpleNamespace(models=SimpleNamespace(acoustic=SimpleNamespace(diffusion_prior=prior)))

    assert [one.name for one in settings(engine(None))] == ["flow"]
    assert [one.name for one in settings(engine("there"), (1, 4))] == [
        "flow",
        "diffusion, 1 step",
        "diffusion, 4 steps",
    ]


def test_nothing_to_say_is_an_error():
    with pytest.raises(InvalidInput, match="nothing to say"):
        measure(Setting("flow", False), [], lambda line, options: None, VOICES, recognise, embed)


def test_one_row_a_prior():
    figure = Figure(0.25, 0.2, 0.3, 8)
    table = to_markdown([Outcome(NATURAL, figure, figure), Outcome("flow", figure, figure, figure)], "Here.")
    assert "| natural speech | 25 % (20-30, n 8) | 0.25 (0.20-0.30, n 8) |  |" in table
    assert "| flow | 25 % (20-30, n 8) | 0.25 (0.20-0.30, n 8) | 0.25 (0.20-0.30, n 8) |" in table
