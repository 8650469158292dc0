"""A part that is trained in milliseconds, and recipes for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from yinse.training.batches import EndlessBatches
from yinse.training.loop import Assembly
from yinse.training.recipe import Recipe
from yinse.training.samples import Clip, Picture, Sample
from yinse.training.task import Batch, Task


class Points(EndlessBatches):
    """Points on a known line. Counts what it gave, and can misbehave at a chosen batch."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self.given = 0
        self.resumed: list[int] = []
        self.trouble: tuple[int, BaseException] | None = None

    def resume(self, step: int) -> None:
        super().resume(step)
        self.resumed.append(step)

    def __iter__(self) -> Iterator[Batch]:
        while True:
            if self.trouble is not None and self.given == self.trouble[0]:
                raise self.trouble[1]
            x = torch.randn(8, 2, generator=self.generator)
            self.given += 1
            yield {"x": x, "y": x @ torch.tensor([[2.0], [-1.0]]) + 0.5}


class LineTask(Task):
    """Finds the line; `scratch` helps in training and is not exported."""

    exports = ("line",)

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(2, 1)
        self.scratch = nn.Linear(1, 1)

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        distance = (self.line(batch["x"]) - batch["y"]).square().mean()
        return {"loss": distance + 0 * self.scratch(batch["y"]).mean(), "distance": distance}

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        return {"score": (self.line(batch["x"]) - batch["y"]).abs().mean()}

    def samples(self, batch: Batch) -> tuple[Sample, ...]:
        return Clip("tone", torch.zeros(100), 8000), Picture("points", {"x": batch["x"].T})


@pytest.fixture
def points() -> Points:
    """The training batches of `assembly`."""
    return Points()


@pytest.fixture
def assembly(points: Points) -> Assembly:
    """A task and its batches."""
    torch.manual_seed(0)
    return Assembly(LineTask(), points, Points(seed=99))


@pytest.fixture
def line_recipe() -> Callable[..., Recipe]:
    """`line_recipe(steps=..., ...)`: a quick run on the CPU."""

    def make(**run: Any) -> Recipe:
        options = {"validate_steps": 1000, "validate_batches": 1, "log_steps": 1, "threads": 1, **run}
        optimiser = {"learning_rate": 0.05, "warmup_steps": 0}
        return Recipe.model_validate(
            {"part": "line", "optimiser": optimiser, "run": {"accelerator": "cpu", **options}}
        )

    return make
