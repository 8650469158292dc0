"""The walk of the pointer: every sound once, in order, and never a word of the prompt."""

import copy
from dataclasses import replace
from itertools import groupby

import pytest
import torch

from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.semantic.monotonic.model import MonotonicGpt
from yinse.engine.synthesis import tokens as module
from yinse.engine.synthesis.options import SamplingOptions
from yinse.engine.synthesis.tokens import (
    LONGEST_CLOSURE,
    LONGEST_FIRST,
    LONGEST_MARK,
    LONGEST_QUIET,
    LONGEST_SOUND,
    MORE_REST,
    REPEAT_WINDOW,
    SHORTEST_LAST,
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


def hasty(models: BaseModels, step: int = 1) -> MonotonicGpt:
    """A copy of the model that moves on by `step` phonemes with every frame, or as far as it may."""
    model = copy.deepcopy(models.semantic)
    with torch.no_grad():
        model.step_head.weight.zero_()
        model.step_head.bias.copy_(9.0 * torch.arange(model.config.longest_step + 1.0))
        model.step_head.bias[step + 1 :] = -99.0
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
    assert not any(quiet[: SHORTEST_LAST["zh", True]]), "the first sound begins in time"
    assert max(runs) == LONGEST_MARK
    comma = next(index for index, token in enumerate(said) if ids[token.phoneme] == SYMBOL_IDS[","])
    start = comma - next(index for index, held in enumerate(quiet[comma - 1 :: -1]) if not held)
    assert quiet[start:].index(False) == LONGEST_QUIET[","], "silence before the comma counts"
    for place in (2, 4, 5):
        inside = [quiet[index] for index, token in enumerate(said) if token.phoneme == place]
        assert False in inside, "a sound is heard"
    sounded = next(index for index, token in enumerate(said) if token.phoneme == 4 and not quiet[index])
    closures = [len(list(group)) for held, group in groupby(quiet[sounded:]) if held]
    assert max(closures) == LONGEST_CLOSURE, "what the mark before asked for is over once a sound was heard"


@pytest.mark.parametrize("step", [1, 2, 4])
def test_the_last_sound_before_a_mark_and_the_rest_after_it_are_not_cut_short(
    tiny_models: BaseModels, step: int
) -> None:
    model = hasty(tiny_models, step)
    symbols = ["<sp>", "zh/n", "zh/i3", ",", "en/AH0", "en/T", ",", "ja/d", "ja/e1", "ja/s", "ja/U", "."]
    ids = [SYMBOL_IDS[symbol] for symbol in symbols]
    said = generate(model, Prefix((), (), ()), ids, SamplingOptions(), torch.Generator(), rest=5)
    walked = [token.phoneme for token in said]
    lasted = {symbol: walked.count(place) for place, symbol in enumerate(symbols) if symbol != ","}
    assert lasted["zh/i3"] == SHORTEST_LAST["zh", True] > 1
    assert lasted["en/T"] == SHORTEST_LAST["en", False] > 1
    assert (lasted["zh/n"], lasted["en/AH0"], lasted["ja/e1"], lasted["ja/U"]) == (1, 1, 1, 1)
    assert lasted["."] == 5


def test_the_end_is_where_the_model_draws_it_and_not_where_it_may_step(tiny_models: BaseModels) -> None:
    """A model that stays or ends, and never stops at a mark on the way."""
    model = hasty(tiny_models, 2)
    with torch.no_grad():
        model.step_head.bias.copy_(torch.tensor([0.0, -99.0, 9.0, -99.0, -99.0]))
    ids = [SYMBOL_IDS[symbol] for symbol in ["zh/i3", "."]]
    said = generate(model, Prefix((), (), ()), ids, SamplingOptions(), torch.Generator(), rest=3)
    walked = [token.phoneme for token in said]
    assert walked.count(0) == SHORTEST_LAST["zh", True]
    assert walked.count(1) >= 3


def test_the_end_does_not_linger(tiny_models: BaseModels) -> None:
    ids = [SYMBOL_IDS[symbol] for symbol in ["zh/i3", "."]]
    said = generate(
        lingering(tiny_models), Prefix((), (), ()), ids, SamplingOptions(), torch.Generator(), rest=3
    )
    assert [token.phoneme for token in said].count(1) == 3 + MORE_REST


@pytest.mark.parametrize("mute", [True, False], ids=["silent where it may", "never silent"])
def test_vowels_are_heard_and_a_held_mark_is_not(tiny_models: BaseModels, mute: bool) -> None:
    model = hasty(tiny_models)
    silent = (3, 4)
    model.config = replace(model.config, silent=silent)
    with torch.no_grad():
        model.token_head.bias[list(silent)] = 50.0 if mute else -50.0
    ids = [SYMBOL_IDS[symbol] for symbol in ["<sp>", "zh/n", "zh/i3", "zh/a1", "."]]
    said = list(generate(model, Prefix((), (), ()), ids, SamplingOptions(), torch.Generator(), rest=6))
    quiet = [[token.token in silent for token in said if token.phoneme == place] for place in (2, 3, 4)]
    late = [True] if mute else []
    assert quiet[:2] == [[*late, False], [*late, *([False] * SHORTEST_LAST["zh", True])]]
    assert quiet[2][1:] == [True] * 5


def test_a_slow_voice_stays_on_sounds_and_not_on_marks(tiny_models: BaseModels) -> None:
    ids = [SYMBOL_IDS[symbol] for symbol in ["<sp>", "zh/n", "zh/i3", ",", "zh/h", "."]]
    slow = Prefix((), (), (), duration_bias=99.0)
    said = generate(hasty(tiny_models), slow, ids, SamplingOptions(), torch.Generator())
    walked = [token.phoneme for token in said]
    assert (walked.count(3), walked.count(5)) == (1, 1)
    assert walked.count(2) == LONGEST_SOUND["zh", True]
    assert walked.count(4) == LONGEST_SOUND["zh", False]


def test_the_prompt_is_read_with_its_durations(
    tiny_models: BaseModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, start = [], MonotonicGpt.start

    def watched(
        model: MonotonicGpt, symbols: object, prompt: object, pointer: object, age: torch.Tensor, room: int
    ):
        read.append(age.tolist())
        return start(model, symbols, prompt, pointer, age, room)

    monkeypatch.setattr(MonotonicGpt, "start", watched)
    walk(tiny_models, Prefix(tuple(SENTENCE[1:3]), (0, 0, 0, 1, 1), (5, 6, 7, 8, 9)), 1)
    assert read == [[0, 1, 2, 0, 1]]


def test_only_what_was_just_said_is_discouraged(
    tiny_models: BaseModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories = []

    def watched(logits: torch.Tensor, options: SamplingOptions, history: list[int], generator: object) -> int:
        histories.append(list(history))
        return len(histories)

    monkeypatch.setattr(module, "draw", watched)
    walk(replace(tiny_models, semantic=lingering(tiny_models)), Prefix((), (), ()), 3)
    assert histories[0] == []
    assert histories[-1] == list(range(len(histories) - REPEAT_WINDOW, len(histories)))


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
