import pytest
import torch
from torch import Tensor, nn

from yinse.training.published.scaled_adam import ScaledAdam


def path(start: Tensor, gradients: list[Tensor], **options: float) -> Tensor:
    parameter = nn.Parameter(start.clone())
    optimiser = ScaledAdam([parameter], lr=0.01, **options)  # type: ignore[arg-type]
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimiser.step()
    return parameter.detach()


def noise(count: int, size: int = 20) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(size, generator=generator) for _ in range(count)]


def test_tensors_of_any_size_move_at_the_same_relative_speed() -> None:
    start = noise(1)[0]
    small = path(0.1 * start, noise(10))
    large = path(start, [0.1 * gradient for gradient in noise(10)])
    assert torch.allclose(small * 10, large, rtol=1e-4)


def test_the_first_step_is_a_share_of_the_size() -> None:
    start = torch.full((8,), 0.5)
    moved = path(start, [torch.tensor([1.0, -3.0] * 4)])
    # direction of Adam, +-1, times size 0.5, rate 0.01 and one minus the first beta
    assert torch.allclose(start - moved, 0.5 * 0.01 * 0.1 * torch.tensor([1.0, -1.0] * 4), atol=1e-7)


def test_the_size_itself_is_learnt() -> None:
    start = torch.full((16,), 0.5)
    outward = [-start for _ in range(40)]
    assert float(path(start, outward, scalar_rate=1.0).mean()) > float(
        path(start, outward, scalar_rate=0.0).mean()
    )


def test_sizes_stay_in_bounds() -> None:
    huge = torch.full((4,), 5.0)
    assert float(path(huge, [torch.zeros(4)] * 8).abs().max()) < 5.0


def test_it_finds_a_minimum() -> None:
    torch.manual_seed(0)
    target, parameter = torch.randn(6, 6), nn.Parameter(0.3 * torch.randn(6, 6))
    optimiser = ScaledAdam([parameter], lr=0.05)
    losses = []
    for _ in range(300):
        optimiser.zero_grad()
        loss = (parameter - target).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.02 * losses[0]


def test_gradients_far_above_the_median_are_clipped() -> None:
    usual = noise(4)
    limited = path(torch.ones(20), [*usual, 1e6 * usual[0]], clip_period=4)
    free = path(torch.ones(20), [*usual, 1e6 * usual[0]])
    assert float((limited - 1).norm()) < float((free - 1).norm())


def test_a_stored_state_goes_on_alike() -> None:
    gradients, halves = noise(12), []
    parameter = nn.Parameter(torch.ones(20))
    optimiser = ScaledAdam([parameter], lr=0.01)
    for index, gradient in enumerate(gradients):
        if index == 6:
            halves.append(optimiser.state_dict())
            optimiser = ScaledAdam([parameter], lr=0.5)
            optimiser.load_state_dict(halves[0])
        parameter.grad = gradient.clone()
        optimiser.step()
    assert torch.equal(parameter.detach(), path(torch.ones(20), gradients))


def test_closures_and_missing_gradients() -> None:
    optimiser = ScaledAdam([nn.Parameter(torch.ones(2))], lr=0.1)
    optimiser.step()
    with pytest.raises(ValueError, match="no closure"):
        optimiser.step(lambda: 0.0)
