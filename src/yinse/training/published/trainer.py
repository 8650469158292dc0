"""What the loop needs of a part under training, and what all parts do alike: state, device, precision."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published.checkpoint import Checkpoint

Batch = TypeVar("Batch")
TYPES: Mapping[str, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Trainer(ABC, Generic[Batch]):
    """Modules, the optimisers that move them, and one step of both."""

    suffix: str
    """Ending of the exported file."""

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        optimisers: Mapping[str, Optimizer],
        *,
        device: str,
        precision: str = "fp32",
    ) -> None:
        self.device, self.precision = torch.device(device), precision
        self.modules, self.optimisers = dict(modules), dict(optimisers)
        self.steps = 0
        self.scaler = torch.amp.GradScaler(
            self.device.type, enabled=precision == "fp16" and self.device.type == "cuda"
        )

    @abstractmethod
    def step(self, batch: Batch, index: int) -> dict[str, float]:
        """Learn from a batch, the `index`-th of its epoch; returns figures to log."""

    def end_epoch(self) -> None:
        """Adjust what changes from epoch to epoch."""

    @abstractmethod
    def checkpoint(self, epochs: int) -> Checkpoint:
        """The published file of what was learnt in so many epochs."""

    @abstractmethod
    def file_name(self, name: str, epochs: int) -> str:
        """What the published tools would call that file."""

    def autocast(self) -> AbstractContextManager[None]:
        """Mixed precision where it is asked for."""
        enabled = self.precision != "fp32"
        return torch.autocast(self.device.type, TYPES[self.precision], enabled=enabled)

    def descend(self, loss: Tensor, optimiser: str) -> None:
        """One step of one optimiser down a loss. Raises `InvalidInput` where the loss is no number."""
        moved = self.optimisers[optimiser]
        moved.zero_grad()
        self.scaler.scale(finite(loss)).backward()  # type: ignore[no-untyped-call]
        self.scaler.step(moved)

    def state(self) -> dict[str, Any]:
        """Everything a later run needs to go on."""
        return {
            "modules": {name: module.state_dict() for name, module in self.modules.items()},
            "optimisers": {name: one.state_dict() for name, one in self.optimisers.items()},
            "scaler": self.scaler.state_dict(),
            "steps": self.steps,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        for name, module in self.modules.items():
            module.load_state_dict(state["modules"][name])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
        self.scaler.load_state_dict(state["scaler"])
        self.steps = state["steps"]


def finite(loss: Tensor) -> Tensor:
    """The loss itself. Raises `InvalidInput` where it is no number."""
    if not bool(torch.isfinite(loss)):
        raise InvalidInput("The loss is no number any more; lower the learning rate.", code="diverged")
    return loss
