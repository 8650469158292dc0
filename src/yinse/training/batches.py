"""Batches without end, each source with a random stream of its own."""

import torch
from torch.utils.data import IterableDataset

from yinse.training.task import Batch


class EndlessBatches(IterableDataset[Batch]):
    """Draws from `generator` alone, so that what it gives depends on the seed and on nothing else."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.generator = torch.Generator().manual_seed(seed)

    def resume(self, step: int) -> None:
        """Continue a run that has taken `step` batches: draw other ones than the run began with."""
        self.generator.manual_seed(self.seed + step)

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` - 1."""
        return int(torch.randint(limit, (1,), generator=self.generator))
