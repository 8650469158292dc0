"""The prompt of an imported voice survives the way to disk and back, and nothing else passes for one."""

from dataclasses import fields

import numpy as np
import pytest

import tiny_published as tiny
from yinse.contracts.errors import CorruptFile
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.voice.published.encode import VoiceEncoder
from yinse.engine.voice.published.prompt import PublishedPrompt


@pytest.fixture(scope="module")
def prompt() -> PublishedPrompt:
    encoder = VoiceEncoder(tiny.end_to_end(), tiny.CONDITIONING, TextFrontend())
    return encoder.encode(tiny.recording(3.0), "你好")


def test_a_round_trip_keeps_every_value(prompt: PublishedPrompt) -> None:
    again = PublishedPrompt.from_bytes(prompt.to_bytes())
    for field in fields(prompt):
        before, after = getattr(prompt, field.name), getattr(again, field.name)
        assert np.array_equal(before, after), field.name


@pytest.mark.parametrize("part", ["last array", "first array", "transcript"])
def test_one_flipped_bit_is_noticed(prompt: PublishedPrompt, part: str) -> None:
    data = bytearray(prompt.to_bytes())
    header = int.from_bytes(data[:8], "little")
    words = data.index("你好".encode())
    place = {"last array": len(data) - 3, "first array": 8 + header + 1, "transcript": words + 2}[part]
    data[place] ^= 1
    with pytest.raises(CorruptFile, match="damaged"):
        PublishedPrompt.from_bytes(bytes(data))


def test_a_file_from_before_digests_is_read(prompt: PublishedPrompt) -> None:
    """A name of equal length keeps the header's size, and is no digest."""
    older = prompt.to_bytes().replace(b'"sha256"', b'"sha000"')
    assert PublishedPrompt.from_bytes(older).transcript == prompt.transcript
