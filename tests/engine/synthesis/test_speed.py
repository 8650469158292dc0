"""The stopwatch adds up, leaves no trace on the models, and memory does not follow the length of a script."""

import weakref
from dataclasses import replace

import pytest

from yinse.engine.synthesis import speed
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.result import AudioPiece
from yinse.engine.synthesis.speed import STAGES, Measurement, Setting, Utterance
from yinse.engine.synthesis.synthesizer import Synthesizer
from yinse.engine.text.frontend import TextFrontend


@pytest.fixture(scope="module")
def synthesizer(tiny_models) -> Synthesizer:
    return Synthesizer(tiny_models, TextFrontend())


@pytest.fixture
def loaded(synthesizer, prompt, monkeypatch):
    monkeypatch.setattr(speed, "_loaded", lambda setting: (synthesizer, prompt))


@pytest.mark.parametrize("steps", [None, 2])
def test_every_stage_is_timed_and_the_rest_is_the_difference(steps, loaded):
    done = speed.measure_here(Setting("any", 1, steps), 2, ["你好。", "Hello."])
    assert len(done.utterances) == 4
    for one in done.utterances:
        assert 0 < one.first_audio_s < one.compute_s
        assert all(one.stages[stage] > 0 for stage in STAGES)
        assert sum(one.stages.values()) < one.compute_s
    assert done.other_rtf > 0
    assert done.rtf == pytest.approx(done.other_rtf + sum(done.stage_rtf(stage) for stage in STAGES))
    assert done.peak_mib > 50


def test_the_models_are_left_as_they_were(loaded, synthesizer):
    before = {
        name: set(vars(getattr(synthesizer.models, name))) for name in ("semantic", "decoder", "content")
    }
    frontend = synthesizer.frontend
    speed.measure_here(Setting("any", 1, None), 1, ["你好。"])
    assert synthesizer.frontend is frontend
    assert before == {name: set(vars(getattr(synthesizer.models, name))) for name in before}


def test_figures_of_a_measurement():
    one = Utterance(0.1, 1.0, 4.0, dict.fromkeys(STAGES, 0.1))
    many = Measurement(
        Setting("v", 2, 1), 1.0, 100.0, (one, replace(one, first_audio_s=0.3), replace(one, audio_s=2.0))
    )
    assert many.rtf == pytest.approx(0.3)
    assert many.first_audio_ms == (100.0, 300.0)
    assert many.stage_rtf("prior") == pytest.approx(0.03)
    assert many.setting.prior == "diffusion, 1 step"
    assert replace(many.setting, diffusion_steps=None).prior == "flow"


def test_no_audio_of_a_long_script_is_held(synthesizer, prompt):
    """Pieces that have left are only held until their own segment is scored, however many segments there were."""
    script = "你好。" * 60
    pieces: list[weakref.ref] = []
    held: list[int] = []
    segments = 0
    for event in synthesizer.stream(script, prompt, SpeechOptions(diffusion=False)):
        if isinstance(event, AudioPiece):
            pieces.append(weakref.ref(event.samples))
        else:
            segments += 1
            del event
            held.append(sum(piece() is not None for piece in pieces))
    assert segments == 60
    assert max(held[30:]) <= max(held[:10]) + 2


def test_memory_is_followed_in_even_steps(loaded):
    seen = speed.follow_memory_here(Setting("any", 1, None), 0.2, every=0.05)
    assert len(seen) >= 2
    assert all(minutes >= 0.05 * (index + 1) for index, (minutes, _) in enumerate(seen))
    assert all(mib > 50 for _, mib in seen)
