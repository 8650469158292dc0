"""The walk of the pointer: every sound once, in order, and never a word of the prompt."""

import copy
from dataclasses import replace
from itertools import groupby

import pytest
import torch

from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.semantic.monotonic.model import MonotonicGpt
from yinse.engine.synthesis.options import SamplingOptions
from yinse.engine.synthesis.tokens import (
    LONGEST_CLOSURE,
    LONGEST_FIRST,
    LONGEST_MARK,
    LONGEST_QUIET,
    LONGEST_SOUND,
    Prefix,
    generate,
    prefix_of,
    room_for,
)
from yinse.engine.text.inventory import SYMBOL_IDS, SYMBOLS, is_spoken
from yinse.engine.text.phonemise import phonemise
from yinse.engine.voice.prompt import VoicePrompt

SENTENCE = [SYMBOL_IDS[s] for s in ["<sp>", *phonemise("你好，今天天气真好！", "zh"), "."]]


def walk(
    models: BaseModels, prefix: Prefix, seed: int, options: SamplingOptions = SamplingOptions()
) -> list[int]:
    generator = torch.Generator().manual_seed(seed)
    return [t.phoneme for t in generate(models.semantic, prefix, SENTENCE, options, generator)]


def lingering(models: BaseModels) -> MonotonicGpt:
    """A copy of the model that never moves on of its own accord."""
    model = copy.deepcopy(models.semantic)
    with torch.no_grad():
        model.step_head.weight.zero_()
        model.step_head.bias.copy_(torch.tensor([99.0] + [0.0] * model.config.longest_step))
    return model


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
    """With the step that stays made certain, every phoneme lasts exactly as long as it may."""
    walked = walk(replace(tiny_models, semantic=lingering(tiny_models)), Prefix((), (), ()), 3)
    lasted = {SYMBOLS[SENTENCE[i]]: walked.count(i) for i in set(walked)}
    assert lasted["zh/n"] == LONGEST_FIRST == 8
    assert lasted["zh/h"] == LONGEST_SOUND["zh", False] == 8
    assert lasted["zh/ao3"] == LONGEST_SOUND["zh", True] == 13
    assert LONGEST_MARK - 1 <= lasted["<sp>"] <= LONGEST_MARK
    assert len(walked) <= room_for(SENTENCE)


def test_the_first_sound_is_no_longer_than_others_of_its_kind(tiny_models: BaseModels) -> None:
    model = lingering(tiny_models)
    for text, language in (("安全", "zh"), ("Two", "en"), ("あさ", "ja")):
        ids = [SYMBOL_IDS[symbol] for symbol in phonemise(text, language)]
        tokens = generate(model, Prefix((), (), ()), ids, SamplingOptions(), torch.Generator())
        first = next(i for i, phoneme in enumerate(ids) if is_spoken(SYMBOLS[phoneme]))
        assert [token.phoneme for token in tokens].count(first) <= LONGEST_FIRST


def test_a_pause_is_no_longer_than_its_mark_asks_for_whatever_the_sounds_beside_it_hold(
    tiny_models: BaseModels,
) -> None:
    """A model that lingers and says nothing but silence where it may."""
    model = lingering(tiny_models)
    silent = (3, 4)
    model.config = replace(model.config, silent=silent)
    with torch.no_grad():
        model.token_head.bias[list(silent)] += 50.0
    ids = [SYMBOL_IDS[symbol] for symbol in ["zh/a1", ",", "zh/a1", ".", "zh/a1", "zh/a1"]]
    said = list(generate(model, Prefix((), (), ()), ids, SamplingOptions(), torch.Generator()))
    quiet = [token.token in silent for token in said]
    runs = [len(list(group)) for held, group in groupby(quiet) if held]
    assert runs[0] == LONGEST_CLOSURE, "the first sound begins in time"
    assert max(runs) == LONGEST_MARK
    comma = next(index for index, token in enumerate(said) if ids[token.phoneme] == SYMBOL_IDS[","])
    start = comma - next(index for index, held in enumerate(quiet[comma - 1 :: -1]) if not held)
    assert quiet[start:].index(False) == LONGEST_QUIET[","], "silence before the comma counts"
    for place in (2, 4, 5):
        inside = [quiet[index] for index, token in enumerate(said) if token.phoneme == place]
        assert False in inside, "a sound is heard"


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
