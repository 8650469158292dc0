"""Feed a streaming module in pieces and compare with the whole."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

Step = Callable[..., tuple[Tensor, Any]]


@pytest.fixture(params=[1, 3, 7, None], ids=lambda size: f"by{size or 'all'}")
def feed(request: pytest.FixtureRequest) -> Callable[..., Tensor]:
    """`feed(step, *inputs)`: what `step(*pieces, state, last=...)` gives for pieces of the last axis."""

    @torch.no_grad()
    def feed(step: Step, *inputs: Tensor) -> Tensor:
        total = inputs[0].shape[-1]
        size = request.param or total
        state, out = None, []
        for start in range(0, total, size):
            pieces = [one[..., start : start + size] for one in inputs]
            piece, state = step(*pieces, state, last=start + size >= total)
            out.append(piece)
        return torch.cat(out, -1)

    return feed


@pytest.fixture
def shake() -> Callable[[torch.nn.Module], torch.nn.Module]:
    """Give random weights where a module starts from zero, so that no path is silent."""

    def shake(module: torch.nn.Module) -> torch.nn.Module:
        with torch.no_grad():
            for parameter in module.parameters():
                if not parameter.any():
                    parameter.normal_(std=0.3)
        return module.eval().requires_grad_(False)

    return shake
