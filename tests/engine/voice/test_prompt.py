"""A voice survives the way to disk and back, and nothing else passes for one."""

from dataclasses import replace

import numpy as np
import pytest

from yinse.contracts.errors import CorruptFile
from yinse.engine.voice.prompt import (
    MANNER_TOKENS,
    USUAL_DURATION_BIAS,
    PromptUtterance,
    VoicePrompt,
    manner,
)


def test_a_round_trip_keeps_every_value(prompt: VoicePrompt) -> None:
    known = replace(prompt.utterances[0], known=True)
    prompt = replace(prompt, duration_bias=0.375, utterances=(known, *prompt.utterances))
    again = VoicePrompt.from_bytes(prompt.to_bytes())
    for name in ("speaker_E", "tokens_S", "symbols_S", "latents_FD"):
        before, after = getattr(prompt, name), getattr(again, name)
        assert before.dtype == after.dtype
        assert np.array_equal(before, after)
    assert again.utterances == prompt.utterances
    assert again.revision == prompt.revision
    assert again.duration_bias == prompt.duration_bias


@pytest.mark.parametrize("cut", [0, 4, 100, -1])
def test_a_cut_file_is_damaged(prompt: VoicePrompt, cut: int) -> None:
    with pytest.raises(CorruptFile):
        VoicePrompt.from_bytes(prompt.to_bytes()[:cut])


@pytest.mark.parametrize("part", ["latents", "tokens", "revision"])
def test_one_flipped_bit_is_noticed(prompt: VoicePrompt, part: str) -> None:
    data = bytearray(prompt.to_bytes())
    header = int.from_bytes(data[:8], "little")
    place = {"latents": len(data) - 3, "tokens": 8 + header + 1, "revision": data.index(b"tiny")}[part]
    data[place] ^= 1
    with pytest.raises(CorruptFile, match="damaged"):
        VoicePrompt.from_bytes(bytes(data))


def test_a_file_from_before_digests_is_read(prompt: VoicePrompt) -> None:
    """A name of equal length keeps the header's size, and is no digest."""
    older = prompt.to_bytes().replace(b'"sha256"', b'"sha000"')
    assert VoicePrompt.from_bytes(older).utterances == prompt.utterances


def test_a_file_from_before_durations_were_fitted_speaks_at_the_usual_pace(prompt: VoicePrompt) -> None:
    slow = replace(prompt, duration_bias=0.9).to_bytes()
    older = slow.replace(b'"duration_bias"', b'"duration_bi00"').replace(b'"sha256"', b'"sha000"')
    older = older.replace(b'\\"known\\": false', b'\\"knowm\\": false')
    read = VoicePrompt.from_bytes(older)
    assert read.duration_bias == USUAL_DURATION_BIAS
    assert [one.known for one in read.utterances] == [False]


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


def test_a_manner_is_three_utterances_if_there_is_room_and_one_always() -> None:
    short, long = (PromptUtterance((1,), (0,) * n, (7,) * n, "zh") for n in (40, MANNER_TOKENS + 20))
    assert manner([short] * 5) == [short] * 3
    assert manner([long, short]) == [long]
    assert manner([short, long, short]) == [short, short]
    assert manner([]) == []
