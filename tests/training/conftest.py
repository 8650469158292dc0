"""A part that is trained in milliseconds, and recipes for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tiny_corpus import annotate, make_store
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


TINY_BATCHES: dict[str, dict[str, Any]] = {
    "codec": {"batch": 3, "frames": 16},
    "codec_hifigan": {"batch": 3, "frames": 20},
    "decoder": {"batch": 3, "frames": 42},
    "content": {"frames": 700},
    "speaker": {"speakers": 3, "crops": 2, "frames": 60},
    "semantic": {"frames": 200, "longest": 60},
    "acoustic": {"batch": 4, "tokens": 10, "memory": 12},
}
TINY_MODELS: dict[str, dict[str, Any]] = {
    "posterior": {"channels": 16, "hidden": 16, "depth": 1, "inter_channels": 6},
    "decoder": {"latent_channels": 6, "channels": 32, "hidden": 32, "depth": 1, "kernel": 3},
    "content": {
        "channels": 16, "hidden": 16, "heads": 2, "stem_depth": 1, "lower_depth": 1, "upper_depth": 1, "kernel": 3,
    },
    "speaker": {"channels": 16, "pooled": 24, "attention": 8, "squeeze": 8, "embedding": 6},
    "semantic": {"channels": 16, "hidden": 16, "heads": 2, "encoder_depth": 1, "decoder_depth": 1},
    "acoustic": {
        "inter_channels": 6, "hidden_channels": 16, "hidden": 16, "token_channels": 16, "token_hidden": 16,
        "token_depth": 2, "frame_depth": 1, "speaker": 6,
        "flow": {"steps": 2, "channels": 8, "hidden": 8, "depth": 1},
        "diffusion": {"channels": 16, "heads": 2, "depth": 1, "hidden": 16},
    },
}  # fmt: skip
TINY_HIFIGAN = {"network": "hifigan", "inputs": 6, "channels": 32, "block_kernels": [3], "dilations": [1, 3]}
TINY_TASKS: dict[str, dict[str, Any]] = {
    "content": {"ctc_from": 2, "quantised_from": 1},
    "speaker": {"margin": 0.1, "scale": 10.0},
}


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus store that is built, aligned and annotated; not to be written to."""
    folder = make_store(tmp_path_factory.mktemp("corpus"))
    annotate(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_codec(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that a small codec exported after a step of training."""
    from yinse.training.loop import train
    from yinse.training.registry import assemble

    folder = tmp_path_factory.mktemp("codec")
    recipe = tiny_recipe("codec", tiny_store, None, steps=1)
    train(assemble(recipe), recipe, folder)
    return folder / "weights.safetensors"


def tiny_recipe(name: str, store: Path, codec: Path | None, **run: Any) -> Recipe:
    """A recipe of one part at a size that trains in milliseconds."""
    options = {
        "accelerator": "cpu",
        "threads": 1,
        "validate_steps": 10_000,
        "log_steps": 1,
        "ema": 0.5,
        **run,
    }
    model = TINY_MODELS | ({"decoder": TINY_HIFIGAN} if name == "codec_hifigan" else {})
    task = TINY_TASKS.get(name, {}) | ({"codec": str(codec)} if name == "acoustic" else {})
    return Recipe.model_validate(
        {
            "part": "codec" if name in ("codec_hifigan", "decoder") else name,
            "corpus": store,
            "model": model,
            "data": TINY_BATCHES[name],
            "task": task,
            "optimiser": {"learning_rate": 3e-3, "warmup_steps": 5, "weight_decay": 0.0},
            "run": {"validate_batches": 1, **options},
        }
    )


@pytest.fixture(scope="session")
def make_recipe(tiny_store: Path, tiny_codec: Path) -> Callable[..., Recipe]:
    """`make_recipe(name, **run)`: a small recipe of a part over the tiny corpus."""

    def make(name: str, **run: Any) -> Recipe:
        return tiny_recipe(name, tiny_store, tiny_codec, **run)

    return make
