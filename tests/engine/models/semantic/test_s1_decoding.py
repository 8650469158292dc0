"""When an utterance of s1 ends, and what it holds: with tiny random weights, whatever they are."""

import pytest
import torch

from tiny_published import CODES, S1
from yinse.engine.models.semantic.s1 import factory
from yinse.engine.models.semantic.s1.decoding import StopRule, TokenPicker, decode, decode_batch
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.semantic.s1.sampling import SamplingControls
from yinse.engine.models.semantic.s1.state import S1Input

PROMPT = torch.arange(5)
ENDING = torch.full((CODES + 1,), 0.0)
ENDING[CODES] = 9.0
"""Scores by which the end is by far the likeliest."""


@pytest.fixture(scope="module")
def endless() -> S1Model:
    """Never chooses the end."""
    torch.manual_seed(3)
    model = factory.build(S1).eval().requires_grad_(False)
    model.head.weight[model.end] = -100
    return model


def utterance(phones: int) -> S1Input:
    features = torch.randn(1024, phones, generator=torch.Generator().manual_seed(phones))
    return S1Input(torch.arange(phones), features, PROMPT)


def picker(rule: StopRule, seed: int = 0, **controls: float) -> TokenPicker:
    generator = torch.Generator().manual_seed(seed)
    return TokenPicker(PROMPT, CODES, SamplingControls(**controls), rule, generator)


def test_at_the_limit_neither_the_first_nor_the_last_token_is_lost(endless: S1Model) -> None:
    one = utterance(9)
    short, long = (list(decode(endless, one, picker(StopRule(longest=limit)))) for limit in (8, 20))
    assert (len(short), len(long)) == (8, 20)
    assert long[:8] == short
    with torch.inference_mode():
        first = picker(StopRule()).pick(endless.prefill([one], 1)[0][0])
    assert short[0] == first


def test_a_batch_ends_row_by_row_as_its_rows_do_alone(endless: S1Model) -> None:
    inputs = [utterance(9), utterance(4), utterance(12)]
    rules = [StopRule(longest=limit) for limit in (7, 15, 11)]
    together = decode_batch(endless, inputs, [picker(rule, row) for row, rule in enumerate(rules)])
    alone = [
        list(decode(endless, one, picker(rule, row)))
        for row, (one, rule) in enumerate(zip(inputs, rules, strict=True))
    ]
    assert [len(tokens) for tokens in together] == [7, 15, 11]
    assert together == alone


def test_the_end_cannot_be_chosen_before_the_shortest_length() -> None:
    one = picker(StopRule(shortest=3), top_k=1)
    assert [one.pick(ENDING) is None for _ in range(4)] == [False, False, False, True]


@pytest.mark.parametrize(("by_likeliest", "ended"), [(True, True), (False, False)])
def test_the_likeliest_end_ends_though_another_token_was_drawn(by_likeliest: bool, ended: bool) -> None:
    scores = torch.zeros(CODES + 1)
    scores[CODES] = 0.01
    seed = next(seed for seed in range(99) if draws_another(scores, seed))
    chosen = picker(StopRule(shortest=0, by_likeliest=by_likeliest), seed, top_k=None).pick(scores)
    assert (chosen is None) == ended


def draws_another(scores: torch.Tensor, seed: int) -> bool:
    return picker(StopRule(shortest=0, by_likeliest=False), seed, top_k=None).pick(scores) is not None


def test_the_penalty_covers_the_prompt_and_what_was_said() -> None:
    scores = torch.zeros(CODES + 1)
    scores[:7] = 1.0
    one = picker(StopRule(shortest=99), top_k=1, repetition_penalty=2.0)
    found = [one.pick(scores) for _ in range(2)]
    assert sorted(found) == [5, 6], "0 to 4 are the prompt"


def test_equal_seeds_give_equal_tokens(endless: S1Model) -> None:
    rule, one = StopRule(longest=12), utterance(9)
    first, again, other = (list(decode(endless, one, picker(rule, seed))) for seed in (1, 1, 2))
    assert first == again != other
