"""What a trainable part tells the loop: its loss, its validation figures, and which modules it exports."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn

from yinse.training.samples import Sample

Batch = Mapping[str, Any]


@runtime_checkable
class Resumable(Protocol):
    """A source of batches that can go on where an earlier run stopped."""

    def resume(self, step: int) -> None:
        """Go on after `step` batches."""


class Task(nn.Module, ABC):
    """One part of the voice under training. Sub-modules named in `exports` end up in the weight bundle."""

    exports: tuple[str, ...] = ()

    @abstractmethod
    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Scalars to log; the entry `loss` is minimised."""

    @abstractmethod
    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Validation scalars of one batch; `score` is what decides (lower is better)."""

    def samples(self, batch: Batch) -> tuple[Sample, ...]:
        """Something to hear or to see of a validation batch; parts without any keep this."""
        return ()

    def trainable(self) -> Iterator[nn.Parameter]:
        """Parameters the optimiser may move."""
        return (parameter for parameter in self.parameters() if parameter.requires_grad)
