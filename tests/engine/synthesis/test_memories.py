"""References are digested once a voice, within bounds, and no longer than somebody holds the voice."""

import gc
import threading
from dataclasses import replace

import torch

from yinse.engine.models.acoustic.sovits.condition import Voice
from yinse.engine.synthesis.memories import VoiceMemories
from yinse.engine.voice.prompt import VoicePrompt


class Digestion:
    """Counts what it digests."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, prompt: VoicePrompt) -> Voice:
        self.done += 1
        return Voice(torch.from_numpy(prompt.speaker_E)[None], ())


def test_a_voice_is_digested_once(prompt: VoicePrompt) -> None:
    digestion = Digestion()
    memories = VoiceMemories(digestion)
    assert memories.of(prompt) is memories.of(prompt)
    assert digestion.done == 1


def test_an_equal_prompt_is_another_voice(prompt: VoicePrompt) -> None:
    digestion = Digestion()
    memories = VoiceMemories(digestion)
    other = replace(prompt)
    assert memories.of(prompt) is not memories.of(other)
    assert digestion.done == 2


def test_the_voice_that_spoke_longest_ago_goes_first(prompt: VoicePrompt) -> None:
    digestion = Digestion()
    memories = VoiceMemories(digestion, most=2)
    first, second, third = (replace(prompt) for _ in range(3))
    for one in (first, second, first, third, first):
        memories.of(one)
    assert (len(memories), digestion.done) == (2, 3)
    memories.of(second)
    assert digestion.done == 4


def test_nothing_is_kept_of_a_voice_that_was_dropped(prompt: VoicePrompt) -> None:
    memories = VoiceMemories(Digestion())
    dropped = replace(prompt)
    memories.of(dropped)
    memories.of(prompt)
    del dropped
    gc.collect()
    assert len(memories) == 1


def test_threads_may_come_and_go_with_their_voices(prompt: VoicePrompt) -> None:
    memories, failures = VoiceMemories(Digestion(), most=3), []

    def speak() -> None:
        try:
            for _ in range(200):
                memories.of(replace(prompt))
        except Exception as error:  # whatever it is, the test must hear of it
            failures.append(repr(error))

    threads = [threading.Thread(target=speak) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert (failures, len(memories)) == ([], 0)
