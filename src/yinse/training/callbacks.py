"""What happens beside the steps of a run: saving, stopping, reporting, samples."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import lightning.pytorch as pl
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.utilities.exceptions import SIGTERMException
from safetensors.torch import save
from torch import Tensor

from yinse.engine.audio.files import write_atomic
from yinse.training.samples import write_sample

if TYPE_CHECKING:
    from yinse.training.loop import PartModule

CHECKPOINT_FILE, WEIGHTS_FILE, SAMPLES_FOLDER = "last.ckpt", "weights.safetensors", "samples"


class SaveRun(Callback):
    """Writes `last.ckpt` and the averaged weights: every few minutes, at the end, and when someone interrupts.

    An error is no reason to save: what led to it, such as weights that are not finite, must not replace what was good.
    """

    def __init__(self, folder: Path, minutes: float) -> None:
        self.folder, self.seconds = folder, 60 * minutes
        self._due = time.monotonic() + self.seconds

    def on_train_batch_end(self, trainer: pl.Trainer, *rest: Any) -> None:
        """Save when it is time."""
        if time.monotonic() >= self._due:
            self._save(trainer)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save the last step."""
        self._save(trainer)

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Save a run that is interrupted or told to end."""
        if trainer.global_step and isinstance(exception, KeyboardInterrupt | SIGTERMException):
            self._save(trainer)

    def _save(self, trainer: pl.Trainer) -> None:
        module = cast("PartModule", trainer.lightning_module)
        module.require_finite()
        trainer.save_checkpoint(self.folder / CHECKPOINT_FILE)
        weights: dict[str, Tensor] = module.exported()
        write_atomic(self.folder / WEIGHTS_FILE, save(weights))
        self._due = time.monotonic() + self.seconds


class StopAfter(Callback):
    """Ends a run after so many minutes of this process; earlier ones of a resumed run do not count."""

    def __init__(self, minutes: float) -> None:
        self._end = time.monotonic() + 60 * minutes

    def on_train_batch_end(self, trainer: pl.Trainer, *rest: Any) -> None:
        """Stop when the time is up."""
        if time.monotonic() >= self._end:
            trainer.should_stop = True


class StopAtBest(Callback):
    """Ends a run whose score has not improved for so many validations, and puts back the best averaged weights."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self._best, self._since = math.inf, 0
        self._weights: dict[str, Tensor] = {}

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remember the best, count the others."""
        score = float(trainer.callback_metrics["valid/score"])
        if score < self._best:
            self._best, self._since = score, 0
            self._weights = {name: value.detach().clone() for name, value in _trained(pl_module)}
        else:
            self._since += 1
            trainer.should_stop = trainer.should_stop or self._since >= self.patience

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The best weights are the ones that ship."""
        for name, value in _trained(pl_module):
            if name in self._weights:
                value.data.copy_(self._weights[name])

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run has to know."""
        return {"best": self._best, "since": self._since, "weights": self._weights}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting."""
        self._best, self._since = state_dict["best"], state_dict["since"]
        self._weights = state_dict["weights"]


def _trained(pl_module: pl.LightningModule) -> Iterator[tuple[str, Tensor]]:
    """The averages of the weights that are trained."""
    module = cast("PartModule", pl_module)
    free = {name for name, value in module.task.named_parameters() if value.requires_grad}
    for name, value in module.averaged().named_parameters():
        if name in free:
            yield name, value


class Progress(Callback):
    """Tells a caller how many optimiser steps are done."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self.report = report

    def on_train_batch_end(self, trainer: pl.Trainer, *rest: Any) -> None:
        """Report after every step."""
        self.report(trainer.global_step)


class WriteSamples(Callback):
    """Writes what the averaged weights make of the first batch of every validation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / SAMPLES_FOLDER

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Write the task's samples."""
        if batch_idx:
            return
        for sample in cast("PartModule", pl_module).averaged().samples(batch):
            write_sample(self.folder, sample, trainer.global_step)
