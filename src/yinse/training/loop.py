"""The one training loop: Lightning drives it, every part brings a `Task` and its batches.

A run lives in a folder: `last.ckpt` (resumable), `metrics.csv`, and `weights.safetensors` with the averaged weights.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.utils.data import DataLoader

from yinse.contracts.errors import CorruptFile, InvalidInput
from yinse.training.recipe import Optimiser, Recipe
from yinse.training.task import Batch, Task

WEIGHTS_FILE = "weights.safetensors"


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a part hands the loop: the task and its two sources of ready batches."""

    task: Task
    train: Iterable[Batch]
    valid: Iterable[Batch]


def learning_rate_factor(step: int, options: Optimiser) -> float:
    """Warm up linearly, hold, and decay linearly to zero where the recipe asks for it."""
    factor = min(1.0, (step + 1) / max(1, options.warmup_steps))
    if options.decay_from_step is not None and step >= options.decay_from_step:
        factor *= max(0.0, 1 - (step - options.decay_from_step) / options.decay_steps)
    return factor


class PartModule(pl.LightningModule):
    """Adapts a `Task` to Lightning and keeps an exponential moving average of its weights."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        super().__init__()
        self.task, self.recipe = task, recipe
        self.average = torch.optim.swa_utils.AveragedModel(
            task, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.run.ema)
        )
        self.average.requires_grad_(False)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """One loss; every scalar is logged."""
        losses = self.task.losses(batch, self.global_step)
        self.log_dict({f"train/{name}": value.detach() for name, value in losses.items()}, batch_size=1)
        if not math.isfinite(float(losses["loss"].detach())):
            raise InvalidInput(f"the loss is not finite at step {self.global_step}; lower the learning rate")
        return losses["loss"]

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Follow the weights with the average; early on the average stays close behind."""
        warm = min(self.recipe.run.ema, (1 + self.global_step) / (10 + self.global_step))
        self.average.multi_avg_fn = torch.optim.swa_utils.get_ema_multi_avg_fn(warm)
        self.average.update_parameters(self.task)

    def validation_step(self, batch: Batch, index: int) -> None:
        """Figures of the averaged weights, which are the ones that ship."""
        figures = self.average.module.figures(batch)
        self.log_dict({f"valid/{name}": value for name, value in figures.items()}, batch_size=1)

    def configure_optimizers(self) -> Any:
        """AdamW; norms, biases and embeddings of one dimension are not decayed."""
        options = self.recipe.optimiser
        parameters = list(self.task.trainable())
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": options.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        optimiser = torch.optim.AdamW(groups, options.learning_rate, options.betas)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: learning_rate_factor(step, options)
        )
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def exported(self) -> dict[str, Tensor]:
        """Averaged weights of the exported modules, on the CPU in single precision."""
        state = self.average.module.state_dict()
        names = tuple(f"{name}." for name in self.task.exports)
        return {
            key: value.float().cpu().contiguous() for key, value in state.items() if key.startswith(names)
        }


class ExportWeights(Callback):
    """Writes the averaged weights whenever the run is saved, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Replace `weights.safetensors` atomically."""
        assert isinstance(pl_module, PartModule)
        partial = self.folder / (WEIGHTS_FILE + ".partial")
        save_file(pl_module.exported(), partial)
        partial.replace(self.folder / WEIGHTS_FILE)


def warm_start(task: Task, weights: Path) -> None:
    """Load exported weights into a task; every name and shape must fit what the task exports."""
    state = load_file(weights)
    missing, unexpected = task.load_state_dict(state, strict=False)
    exported = tuple(f"{name}." for name in task.exports)
    if unexpected or any(name.startswith(exported) for name in missing):
        raise CorruptFile(f"{weights} does not fit: missing {missing[:3]}, unexpected {unexpected[:3]}")


def sub_state(weights: Path, module: str) -> dict[str, Tensor]:
    """Weights of one exported module of a run, with the module's name taken off."""
    prefix = module + "."
    return {
        key.removeprefix(prefix): value for key, value in load_file(weights).items() if key.startswith(prefix)
    }


class Progress(Callback):
    """Tells a caller how many optimiser steps are done."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self.report = report

    def on_train_batch_end(self, trainer: pl.Trainer, *rest: Any) -> None:
        """Report after every step."""
        self.report(trainer.global_step)


def train(
    assembly: Assembly, recipe: Recipe, folder: Path, *, progress: Callable[[int], None] | None = None
) -> PartModule:
    """Run or resume a recipe in `folder` and return the trained module."""
    torch.set_num_threads(recipe.run.threads)
    torch.set_flush_denormal(True)
    pl.seed_everything(recipe.seed, verbose=False)
    folder.mkdir(parents=True, exist_ok=True)
    if recipe.warm_start is not None:
        warm_start(assembly.task, recipe.warm_start)
    module = PartModule(assembly.task, recipe)
    resumable = folder / "last.ckpt"
    trainer = _trainer(recipe, folder, [Progress(progress)] if progress else [])
    trainer.fit(
        module,
        DataLoader(assembly.train, batch_size=None),  # type: ignore[arg-type]
        DataLoader(assembly.valid, batch_size=None),  # type: ignore[arg-type]
        ckpt_path=str(resumable) if resumable.exists() else None,
        weights_only=True if resumable.exists() else None,
    )
    return module


def _trainer(recipe: Recipe, folder: Path, extra: list[Callback]) -> pl.Trainer:
    run = recipe.run
    save = ModelCheckpoint(
        folder, filename="step", save_last=True, save_top_k=0, train_time_interval=timedelta(minutes=run.checkpoint_minutes)
    )  # fmt: skip
    return pl.Trainer(
        accelerator=run.accelerator,
        devices=1,
        precision=run.precision,
        max_steps=run.steps or -1,
        max_time=timedelta(minutes=run.minutes) if run.minutes else None,
        gradient_clip_val=recipe.optimiser.clip,
        check_val_every_n_epoch=None,
        val_check_interval=run.validate_steps,
        limit_val_batches=run.validate_batches,
        num_sanity_val_steps=0,
        log_every_n_steps=run.log_steps,
        logger=CSVLogger(folder.parent, name=folder.name, version="", flush_logs_every_n_steps=run.log_steps),
        callbacks=[save, ExportWeights(folder), *extra],
        enable_progress_bar=False,
        enable_model_summary=False,
    )
