"""A voice speaks as slowly as its recording, as far as the recording tells."""

import copy
from dataclasses import replace

import pytest
import torch

from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.semantic.monotonic.model import MonotonicGpt
from yinse.engine.synthesis.options import SamplingOptions
from yinse.engine.synthesis.pace import BIAS_RANGE, at_own_pace
from yinse.engine.synthesis.tokens import generate, prefix_of
from yinse.engine.text.inventory import SYMBOL_IDS
from yinse.engine.text.phonemise import phonemise
from yinse.engine.voice.prompt import USUAL_DURATION_BIAS, PromptUtterance, VoicePrompt

SOUNDS = [SYMBOL_IDS[s] for s in phonemise("今天天气真好我们一起去公园走走看看花", "zh")]
END = SYMBOL_IDS["."]


@pytest.fixture
def brisk(tiny_models: BaseModels) -> MonotonicGpt:
    """A model that leaves a sound at every other frame, whatever it heard."""
    model = copy.deepcopy(tiny_models.semantic)
    with torch.no_grad():
        model.step_head.weight.zero_()
        model.step_head.bias.fill_(-99.0)
        model.step_head.bias[:2] = 0.0
    return model


def recorded(frames: int, *, known: bool = True, sounds: list[int] = SOUNDS) -> PromptUtterance:
    """An utterance whose every sound lasts `frames` frames."""
    pointer = tuple(place for place in range(len(sounds)) for _ in range(frames))
    return PromptUtterance(tuple(sounds), pointer, tuple(7 for _ in pointer), "zh", known)


def fitted(model: MonotonicGpt, prompt: VoicePrompt, *utterances: PromptUtterance) -> float:
    return at_own_pace(model, replace(prompt, utterances=utterances)).duration_bias


def frames_a_sound(model: MonotonicGpt, bias: float) -> float:
    generator = torch.Generator().manual_seed(9)
    prefix = prefix_of([recorded(2)], bias)
    return len(list(generate(model, prefix, [*SOUNDS, END], SamplingOptions(), generator))) / len(SOUNDS)


def test_a_slow_recording_makes_a_slow_voice(brisk: MonotonicGpt, prompt: VoicePrompt) -> None:
    quick, slow = (fitted(brisk, prompt, recorded(n), recorded(n), recorded(n)) for n in (2, 4))
    assert quick == pytest.approx(0, abs=0.3)
    assert slow > quick + 0.4
    assert frames_a_sound(brisk, slow) > 1.4 * frames_a_sound(brisk, quick)


def test_nobody_is_slowed_without_bounds(brisk: MonotonicGpt, prompt: VoicePrompt) -> None:
    assert fitted(brisk, prompt, recorded(12), recorded(12)) == BIAS_RANGE[1]
    assert fitted(brisk, prompt, recorded(1), recorded(1)) == BIAS_RANGE[0]


@pytest.mark.parametrize(
    "utterances",
    [
        (recorded(4, known=False), recorded(4, known=False)),
        (recorded(4), recorded(4, known=False)),
        (recorded(4, sounds=SOUNDS[:5]), recorded(4, sounds=SOUNDS[:5])),
    ],
    ids=["words only heard", "one sentence", "few sounds"],
)
def test_what_tells_no_pace_leaves_the_usual_one(
    brisk: MonotonicGpt, prompt: VoicePrompt, utterances: tuple[PromptUtterance, ...]
) -> None:
    assert fitted(brisk, replace(prompt, duration_bias=1.0), *utterances) == USUAL_DURATION_BIAS


def test_the_same_recording_gives_the_same_pace(brisk: MonotonicGpt, prompt: VoicePrompt) -> None:
    assert len({fitted(brisk, prompt, recorded(3), recorded(2)) for _ in range(2)}) == 1
