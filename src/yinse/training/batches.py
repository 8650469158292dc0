"""Batches without end, each source with a random stream of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from yinse.contracts.errors import InvalidInput
from yinse.training.task import Batch

WORKER_STRIDE = 1_000_003
"""Between the seeds of worker processes: more than the steps of any run, so that no two draw alike."""


class EndlessBatches(IterableDataset[Batch]):
    """Draws from `generator` alone, so that what it gives depends on the seed and on nothing else."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.generator = torch.Generator().manual_seed(seed)

    def resume(self, step: int) -> None:
        """Continue a run that has taken `step` batches: draw other ones than the run began with."""
        self.seed += step
        self.generator.manual_seed(self.seed)

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` - 1."""
        return int(torch.randint(limit, (1,), generator=self.generator))

    def choose(self, odds: Tensor, count: int) -> list[int]:
        """`count` places of `odds`, each drawn by its odds and put back."""
        return torch.multinomial(odds, count, replacement=True, generator=self.generator).tolist()


def odds_of(values: Sequence[float], what: str) -> Tensor:
    """Odds as a tensor; raises `InvalidInput` where the corpus has nothing of `what` that may be drawn."""
    if not sum(values):
        raise InvalidInput(f"the corpus has no {what}: see the weights of the recipe and what was left out")
    return torch.tensor(values, dtype=torch.float64)


def diverge(worker: int) -> None:
    """Give a worker process batches of its own; all would draw the same ones otherwise."""
    info = get_worker_info()
    if info is not None and isinstance(info.dataset, EndlessBatches):
        info.dataset.resume((worker + 1) * WORKER_STRIDE)
