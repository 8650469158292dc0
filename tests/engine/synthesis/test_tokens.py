"""The walk of the pointer: every sound once, in order, and never a word of the prompt."""

import pytest
import torch

from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.synthesis.options import SamplingOptions
from yinse.engine.synthesis.tokens import LONGEST_SOUND, Prefix, generate, prefix_of, room_for
from yinse.engine.text.inventory import SYMBOL_IDS, SYMBOLS, is_spoken
from yinse.engine.text.phonemise import phonemise
from yinse.engine.voice.prompt import VoicePrompt

SENTENCE = [SYMBOL_IDS[s] for s in ["<sp>", *phonemise("你好，今天天气真好！", "zh"), "."]]


def walk(
    models: BaseModels, prefix: Prefix, seed: int, options: SamplingOptions = SamplingOptions()
) -> list[int]:
    generator = torch.Generator().manual_seed(seed)
    return [t.phoneme for t in generate(models.semantic, prefix, SENTENCE, options, generator)]


@pytest.mark.parametrize("seed", range(8))
def test_every_sound_is_spoken_once_and_in_order(
    tiny_models: BaseModels, prompt: VoicePrompt, seed: int
) -> None:
    walked = walk(tiny_models, prefix_of(list(prompt.utterances)), seed)
    assert walked == sorted(walked)
    spoken = {index for index, phoneme in enumerate(SENTENCE) if is_spoken(SYMBOLS[phoneme])}
    assert spoken <= set(walked)
    assert min(walked) >= 0


def test_no_phoneme_lasts_beyond_its_limit(tiny_models: BaseModels) -> None:
    walked = walk(tiny_models, Prefix((), (), ()), 3, SamplingOptions(step_temperature=2.0))
    sounds = [i for i in walked if is_spoken(SYMBOLS[SENTENCE[i]])]
    assert max(sounds.count(i) for i in set(sounds)) <= LONGEST_SOUND
    assert len(walked) <= room_for(SENTENCE)


def test_greedy_decoding_needs_no_luck(tiny_models: BaseModels, prompt: VoicePrompt) -> None:
    greedy = SamplingOptions(temperature=0.0, step_temperature=0.0)
    prefix = prefix_of(list(prompt.utterances))
    assert walk(tiny_models, prefix, 1, greedy) == walk(tiny_models, prefix, 2, greedy)


def test_utterances_in_a_row_keep_their_pointers(prompt: VoicePrompt) -> None:
    one = prompt.utterances[0]
    joined = prefix_of([one, one])
    assert joined.symbols == one.symbols * 2
    assert joined.pointer[len(one.pointer) :] == tuple(p + len(one.symbols) for p in one.pointer)
    assert joined.tokens == one.tokens * 2
