"""Drawing from logits."""

import pytest
import torch

from yinse.engine.synthesis.options import SamplingOptions
from yinse.engine.synthesis.sampler import draw, draw_step, nucleus, penalise

NOTHING: list[int] = []


def drawn(logits: torch.Tensor, options: SamplingOptions, count: int = 400) -> list[int]:
    generator = torch.Generator().manual_seed(0)
    return [draw(logits, options, NOTHING, generator) for _ in range(count)]


def test_top_k_keeps_the_best() -> None:
    logits = torch.arange(10.0)
    assert set(drawn(logits, SamplingOptions(temperature=2.0, top_k=3, top_p=1.0))) == {7, 8, 9}


def test_top_p_keeps_the_token_that_crosses_the_limit_and_no_more() -> None:
    chances = [0.5, 0.3, 0.15, 0.05]
    assert nucleus(chances, 0.7) == [0.5, 0.3]
    assert nucleus(chances, 0.1) == [0.5]
    assert nucleus(chances, 1.0) == chances
    assert set(drawn(torch.tensor(chances).log(), SamplingOptions(temperature=1.0, top_p=0.7))) == {0, 1}


def test_temperature_zero_takes_the_best() -> None:
    assert set(drawn(torch.tensor([0.0, 3.0, 2.9]), SamplingOptions(temperature=0.0))) == {1}


@pytest.mark.parametrize(("temperature", "wanted"), [(0.5, 0.845), (1.0, 0.7), (2.0, 0.604)])
def test_frequencies_follow_the_probabilities_and_the_temperature(temperature: float, wanted: float) -> None:
    logits, generator = torch.tensor([0.7, 0.3]).log(), torch.Generator().manual_seed(0)
    share = drawn(logits, SamplingOptions(temperature=temperature, top_p=1.0), 1500).count(0) / 1500
    assert share == pytest.approx(wanted, abs=0.04)
    stays = [draw_step(logits, temperature, 1, generator) for _ in range(1500)].count(0) / 1500
    assert stays == pytest.approx(wanted, abs=0.04)


def test_the_penalty_makes_the_history_less_likely_whatever_the_sign() -> None:
    logits = torch.tensor([2.0, -2.0, 1.0])
    assert penalise(logits, [0, 1], 2.0).tolist() == [1.0, -4.0, 1.0]
    assert penalise(logits, [0, 1], 1.0) is logits


def test_steps_are_bounded() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.tensor([0.0, 0.0, 9.0, 9.0])
    assert {draw_step(logits, 1.0, 1, generator) for _ in range(50)} == {0, 1}
    assert draw_step(torch.tensor([0.0, 1.0]), 0.0, 1, generator) == 1
    assert draw_step(torch.tensor([0.0, 1.0]), 0.0, 1, generator, duration_bias=1.5) == 0
