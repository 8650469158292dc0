import copy

import pytest
import torch

import tiny_published as tiny
from yinse.engine.models.acoustic.s2cfm.cfm import sample
from yinse.engine.models.acoustic.s2cfm.dit import Dit
from yinse.engine.models.acoustic.s2cfm.factory import build_dit
from yinse.engine.models.acoustic.s2cfm.fast import HalfLinear, halve

FRAMES = 30


@pytest.fixture(scope="module")
def dit() -> Dit:
    torch.manual_seed(0)
    return build_dit(tiny.CFM.dit).eval().requires_grad_(False)


def velocity(dit: Dit, seen: torch.Tensor | None = None) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    x, prompt = (torch.randn(2, 100, FRAMES, generator=generator) for _ in range(2))
    condition = torch.randn(2, FRAMES, 8, generator=generator)
    with torch.inference_mode():
        return dit(x, prompt, condition, torch.full((2,), 0.5), torch.full((2,), 0.25), seen)


@pytest.mark.parametrize("masked", [False, True])
def test_velocities_stay_close(dit: Dit, masked: bool) -> None:
    seen = torch.arange(FRAMES) < torch.tensor([[FRAMES], [20]]) if masked else None
    expected, actual = velocity(dit, seen), velocity(halve(copy.deepcopy(dit), torch.bfloat16), seen)
    assert actual.dtype == torch.float32
    assert 0 < float((actual - expected).norm() / expected.norm()) < 0.01


def test_the_whole_flow_stays_closer_than_when_everything_is_rounded(dit: Dit) -> None:
    generator = torch.Generator().manual_seed(2)
    features = torch.randn(1, 8, FRAMES, generator=generator)
    prompt, noise = (torch.randn(1, 100, size, generator=generator) for size in (10, FRAMES))
    with torch.inference_mode():
        exact = sample(dit, features, prompt, noise, steps=4)
        half = sample(halve(copy.deepcopy(dit), torch.bfloat16), features, prompt, noise, steps=4)
        rounded = copy.deepcopy(dit).bfloat16()
        coarse = sample(rounded, features.bfloat16(), prompt.bfloat16(), noise.bfloat16(), steps=4)
    assert float((half - exact).norm()) < 0.5 * float((coarse - exact).norm())


def test_weights_take_half_the_room(dit: Dit) -> None:
    layer = dit.blocks[0].attention.query
    half = HalfLinear(layer, torch.bfloat16)
    assert half.weight.element_size() * 2 == layer.weight.element_size()
    assert half(torch.ones(1, 16)).dtype == torch.float32
    assert HalfLinear(layer, torch.bfloat16, keep=True)(torch.ones(1, 16)).dtype == torch.bfloat16
