"""Fine-tuning of s1: the next token, ScaledAdam, gradients summed over four batches."""

from typing import Final

import torch
from torch import Tensor

from yinse.engine.checkpoints.published.checkpoint import Checkpoint
from yinse.engine.models.semantic.s1.loss import LossRule, S1Batch, next_token_loss
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.training.published.base import Base, exported
from yinse.training.published.recipe import Rules
from yinse.training.published.scaled_adam import ScaledAdam
from yinse.training.published.trainer import Trainer, finite

FIRST_RATE: Final = 0.01
"""Learning rate of the very first step; the published schedule ends there."""
ACCUMULATED: Final = 4
"""Batches between steps."""


class S1Trainer(Trainer[S1Batch]):
    """All weights of s1 move."""

    suffix = ".ckpt"

    def __init__(
        self, base: Base, rules: Rules, *, learning_rate: float, device: str = "cpu", precision: str = "fp32"
    ) -> None:
        model = base.model()
        if not isinstance(model, S1Model):
            raise TypeError(f"{type(model).__name__} is no s1")
        self.base, self.model, self.learning_rate = base, model.to(device), learning_rate
        self.rule = LossRule(over_padding=rules.loss_over_padding, mask_from_left=rules.mask_from_left)
        optimiser = ScaledAdam(model.parameters(), lr=FIRST_RATE)
        super().__init__({"s1": model}, {"s1": optimiser}, device=device, precision=precision)

    def step(self, batch: S1Batch, index: int) -> dict[str, float]:
        """Gradients of every batch are summed; the optimiser steps after every fourth but the first of an epoch."""
        self.model.train()
        with self.autocast():
            loss, counted = next_token_loss(self.model, on_device(batch, self.device), self.rule)
        self.scaler.scale(finite(loss)).backward()  # type: ignore[no-untyped-call]
        if index and index % ACCUMULATED == 0:
            self._move()
        return {"loss": float(loss.detach() / counted)}

    def end_epoch(self) -> None:
        """Step with what is left; published training lets it flow into the next epoch, where a resumed run lacks it."""
        if any(parameter.grad is not None for parameter in self.model.parameters()):
            self._move()

    def _move(self) -> None:
        optimiser = self.optimisers["s1"]
        self.scaler.step(optimiser)
        self.scaler.update()
        optimiser.zero_grad()
        self.steps += 1
        for group in optimiser.param_groups:
            group["lr"] = self.learning_rate

    def checkpoint(self, epochs: int) -> Checkpoint:
        """The published `.ckpt`."""
        return exported(self.base, self.model.state_dict(), f"GPT-e{epochs}")

    def file_name(self, name: str, epochs: int) -> str:
        """As the published tools call it."""
        return f"{name}-e{epochs}{self.suffix}"


def on_device(batch: S1Batch, device: torch.device) -> S1Batch:
    """The same batch where the model is."""

    def moved(tensor: Tensor) -> Tensor:
        return tensor.to(device)

    return S1Batch(
        moved(batch.phones_BL),
        moved(batch.features_BEL),
        moved(batch.phone_lengths_B),
        moved(batch.tokens_BT),
        moved(batch.token_lengths_B),
    )
