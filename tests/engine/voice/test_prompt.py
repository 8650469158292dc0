"""A voice survives the way to disk and back, and nothing else passes for one."""

from dataclasses import replace

import numpy as np
import pytest

from yinse.contracts.errors import CorruptFile
from yinse.engine.voice.prompt import VoicePrompt


def test_a_round_trip_keeps_every_value(prompt: VoicePrompt) -> None:
    again = VoicePrompt.from_bytes(prompt.to_bytes())
    for name in ("speaker_E", "tokens_S", "symbols_S", "latents_FD"):
        before, after = getattr(prompt, name), getattr(again, name)
        assert before.dtype == after.dtype
        assert np.array_equal(before, after)
    assert again.utterances == prompt.utterances
    assert again.revision == prompt.revision


@pytest.mark.parametrize("cut", [0, 4, 100, -1])
def test_a_cut_file_is_damaged(prompt: VoicePrompt, cut: int) -> None:
    with pytest.raises(CorruptFile):
        VoicePrompt.from_bytes(prompt.to_bytes()[:cut])


def test_any_other_bytes_are_damaged() -> None:
    with pytest.raises(CorruptFile):
        VoicePrompt.from_bytes(b"RIFF" + bytes(400))


def test_a_file_of_another_format_is_named_as_such(prompt: VoicePrompt) -> None:
    foreign = prompt.to_bytes().replace(b"yinse-voice/1", b"yinse-voice/9")
    with pytest.raises(CorruptFile, match="format"):
        VoicePrompt.from_bytes(foreign)


def test_a_prompt_cannot_be_changed(prompt: VoicePrompt) -> None:
    with pytest.raises(AttributeError):
        prompt.revision = "other"  # type: ignore[misc]
    assert replace(prompt, revision="other").revision == "other"
