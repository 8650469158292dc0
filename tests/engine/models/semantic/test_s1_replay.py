import pytest
import torch
from torch import Tensor

from tiny_published import S1
from yinse.engine.models.semantic.s1 import factory
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.semantic.s1.replay import FixedStep
from yinse.engine.models.semantic.s1.sampling import SamplingControls, penalise, probabilities
from yinse.engine.models.semantic.s1.state import S1Input, S1State

TOKENS = torch.randint(0, S1.codes, (7, 2), generator=torch.Generator().manual_seed(4))


def tiny() -> S1Model:
    torch.manual_seed(3)
    return factory.build(S1).eval().requires_grad_(False)


def utterance(seed: int, phones: int, prompt: int) -> S1Input:
    generator = torch.Generator().manual_seed(seed)
    return S1Input(
        torch.randint(0, 700, (phones,), generator=generator),
        torch.randn(1024, phones, generator=generator),
        torch.randint(0, S1.codes, (prompt,), generator=generator),
    )


@torch.inference_mode()
def prefilled(model: S1Model, seed: int = 1) -> S1State:
    return model.prefill([utterance(seed, 9, 6), utterance(seed + 1, 5, 4)], len(TOKENS))[1]


@torch.inference_mode()
def stepped(model: S1Model, state: S1State) -> Tensor:
    found = []
    for tokens_B in TOKENS:
        logits, state = model.step(tokens_B, state)
        found.append(logits)
    return torch.stack(found)


def fixed(step: FixedStep, state: S1State) -> Tensor:
    step.begin(state)
    return torch.stack([step(tokens_B).clone() for tokens_B in TOKENS])


def test_fixed_buffers_say_what_the_growing_state_says() -> None:
    model = tiny()
    state = prefilled(model)
    expected = stepped(model, state)
    assert torch.allclose(fixed(FixedStep(model, 2, 40), state), expected, atol=1e-5)


def test_nothing_of_an_utterance_stays_for_the_next_one() -> None:
    model = tiny()
    step = FixedStep(model, 2, 40)
    alone = fixed(FixedStep(model, 2, 40), prefilled(model, 11))
    fixed(step, prefilled(model))
    assert torch.equal(fixed(step, prefilled(model, 11)), alone)


def test_what_does_not_fit_is_refused() -> None:
    model = tiny()
    with pytest.raises(ValueError, match="a batch of 2 with 15 positions does not fit a step for 1"):
        FixedStep(model, 1, 40).begin(prefilled(model))
    with pytest.raises(ValueError, match="does not fit"):
        FixedStep(model, 2, 15).begin(prefilled(model))
    step = FixedStep(model, 2, 16)
    step.begin(prefilled(model))
    step(TOKENS[0])
    with pytest.raises(ValueError, match="full at 16"):
        step(TOKENS[1])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="a CUDA device captures graphs")
def test_a_captured_step_says_the_same() -> None:
    with torch.device("cuda"):
        model = tiny().to("cuda")
    state = S1State(
        *(torch.randn(2, 2, 2, 30, 8, device="cuda") for _ in range(2)),
        20, torch.tensor([6, 4], device="cuda"), None,
    )  # fmt: skip
    step = FixedStep(model, 2, 40)
    step.capture()
    step.begin(state)
    replayed = torch.stack([step(tokens_B.to("cuda")).clone() for tokens_B in TOKENS])
    plain = FixedStep(model, 2, 40)
    assert torch.allclose(replayed, fixed(plain, state), atol=1e-4)


def test_batches_of_scores_are_chosen_from_as_single_ones() -> None:
    scores_BV = torch.randn(3, 30, generator=torch.Generator().manual_seed(5))
    used_BV = torch.rand(3, 30, generator=torch.Generator().manual_seed(6)) < 0.3
    controls = SamplingControls(top_k=5, top_p=0.8, temperature=0.7)
    together = probabilities(penalise(scores_BV, used_BV, 1.35), controls)
    for row in range(3):
        alone = probabilities(penalise(scores_BV[row], used_BV[row], 1.35), controls)
        assert torch.equal(together[row], alone)
