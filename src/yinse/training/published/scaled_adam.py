"""ScaledAdam (Yao et al. 2023, Zipformer): steps in proportion to a tensor's own size, and a learnt size.

Every tensor moves by Adam's direction times its root mean square, so that all change at the same relative speed; its
size follows the gradient of a common factor. Gradients are clipped against the median of what they have been.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

EPSILON = 1e-8


class ScaledAdam(Optimizer):
    """The optimiser that s1 was trained with."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.95),
        scalar_rate: float = 0.1,
        size_period: int = 4,
        sizes: tuple[float, float] = (1e-5, 3.0),
        clip: float = 2.0,
        clip_period: int = 1000,
    ) -> None:
        """`sizes` bounds the root mean square of a tensor; `clip` is in medians of the last `clip_period` norms."""
        defaults = {"lr": lr, "betas": betas, "scalar_rate": scalar_rate, "size_period": size_period}
        super().__init__(parameters, {**defaults, "sizes": sizes, "clip": clip, "clip_period": clip_period})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step; a closure is not supported, as no caller re-evaluates the loss."""
        if closure is not None:
            raise ValueError("ScaledAdam evaluates no closure")
        for group in self.param_groups:
            moving = [parameter for parameter in group["params"] if parameter.grad is not None]
            if not moving:
                continue
            share = self._clipping(group, moving)
            for parameter in moving:
                self._move(parameter, parameter.grad * share, group)

    def _clipping(self, group: dict[str, Any], moving: list[Tensor]) -> float:
        """What gradients are multiplied by: 1 until a whole period has been seen."""
        total = sum(float((p.grad * _size(p)).square().sum()) for p in moving if p.grad is not None)
        norm = total**0.5
        state = self.state[moving[0]].setdefault("clipping", {"norms": [], "limit": 0.0})
        state["norms"].append(norm)
        if len(state["norms"]) == group["clip_period"]:
            state["limit"] = group["clip"] * float(torch.tensor(state["norms"]).median())
            state["norms"] = []
        limit: float = state["limit"]
        return min(1.0, limit / (norm + 1e-20)) if limit else 1.0

    def _move(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if "step" not in state:
            state.update(step=0, delta=torch.zeros_like(parameter), square=torch.zeros_like(parameter))
            if parameter.numel() > 1:
                state.update(size=_size(parameter), size_square=0.0, size_gradients=[])
        first, second = group["betas"]
        state["delta"].mul_(first)
        if parameter.numel() > 1:
            self._resize(parameter, gradient, state, group)
        rate = group["lr"] * (
            _rate(state, group["sizes"][0]) if parameter.numel() > 1 else group["scalar_rate"]
        )
        state["square"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
        corrected = state["square"] / (1 - second ** (state["step"] + 1))
        state["delta"].add_(gradient / (corrected.sqrt() + EPSILON), alpha=-rate * (1 - first))
        parameter.add_(state["delta"])
        state["step"] += 1

    def _resize(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Every few steps, move the common factor of a tensor and look at its size anew."""
        state["size_gradients"].append(float((parameter * gradient).sum()))
        period = group["size_period"]
        if len(state["size_gradients"]) < period:
            return
        first, second = group["betas"]
        gradients = torch.tensor(state["size_gradients"])
        state["size_gradients"] = []
        state["size"] = _size(parameter)
        beta = second**period
        state["size_square"] = beta * state["size_square"] + (1 - beta) * float(gradients.square().mean())
        rounds = (state["step"] + 1) // period
        spread = (state["size_square"] / (1 - beta**rounds)) ** 0.5 + EPSILON
        rate = group["lr"] * group["scalar_rate"]
        change = -rate * float(gradients.sum()) / spread
        smallest, largest = group["sizes"]
        if state["size"] < smallest:
            change = rate * period
        if state["size"] > largest:
            change = -rate * period
        state["delta"].add_(parameter, alpha=change * (1 - first))


def _size(parameter: Tensor) -> float:
    return float(parameter.square().mean().sqrt())


def _rate(state: dict[str, Any], smallest: float) -> float:
    return max(float(state["size"]), smallest)
