"""The one training loop: Lightning drives it, every part brings a `Task` and its batches.

A run lives in a folder: `last.ckpt` (resumable), `metrics.csv`, `weights.safetensors` with the averaged weights, and
`samples/` to hear and see. Each file is replaced whole or not at all.
"""

import io
import logging
import math
import pickle
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import lightning.pytorch as pl
import torch
from lightning.fabric.plugins.io import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger, TensorBoardLogger
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from yinse.contracts.errors import CorruptFile, InvalidInput
from yinse.engine.audio.files import write_atomic
from yinse.engine.checkpoints.bundle import read_weights
from yinse.training.batches import diverge
from yinse.training.callbacks import CHECKPOINT_FILE, Progress, SaveRun, StopAfter, StopAtBest, WriteSamples
from yinse.training.metrics import MetricsFile
from yinse.training.recipe import Optimiser, Recipe, Run
from yinse.training.task import Batch, Resumable, Task

WATCH_STEPS = 16
"""Steps between looks at whether the loss is finite, on a device that runs ahead of Python."""
METRICS_FILE, TENSORBOARD_FOLDER = "metrics.csv", "tensorboard"


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a part hands the loop: the task and its two sources of ready batches."""

    task: Task
    train: Iterable[Batch]
    valid: Iterable[Batch]


def learning_rate_factor(step: int, options: Optimiser, done: float = 0.0) -> float:
    """Warm up linearly, hold, and decay linearly to zero where the recipe asks for it.

    `done` is the share of the run's minutes or steps that is over, 0 where the run has no end.
    """
    factor = min(1.0, (step + 1) / max(1, options.warmup_steps))
    if options.decay_from_step is not None and step >= options.decay_from_step:
        factor *= max(0.0, 1 - (step - options.decay_from_step) / options.decay_steps)
    if options.decay_share is not None:
        factor *= min(1.0, max(0.0, (1 - done) / options.decay_share))
    return factor


def share_done(step: int, seconds: float, run: Run) -> float:
    """How much of a run is over, by its steps or by the seconds that it has taken; 0 where it has no end."""
    by_steps = step / run.steps if run.steps else 0.0
    by_clock = seconds / (60 * run.minutes) if run.minutes else 0.0
    return max(by_steps, by_clock)


class PartModule(pl.LightningModule):
    """Adapts a `Task` to Lightning and keeps an exponential moving average of its weights."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        super().__init__()
        self.task, self.recipe = task, recipe
        self.average = AveragedModel(task, multi_avg_fn=_average(recipe.run.ema))
        self.average.requires_grad_(False)
        self._total: Tensor | None = None
        """Sum of the losses nobody has looked at yet."""

    def averaged(self) -> Task:
        """The task with the averaged weights, which are the ones that ship."""
        return cast("Task", self.average.module)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """One loss; every scalar is logged."""
        losses = self.task.losses(batch, self.global_step)
        self._log("train", {name: value.detach() for name, value in losses.items()}, self.global_step)
        self._watch(losses["loss"].detach())
        return losses["loss"]

    def _watch(self, loss: Tensor) -> None:
        """Stop at a loss that is not finite: at once on a CPU, within `WATCH_STEPS` where asking makes the device wait."""
        self._total = loss if self._total is None else self._total + loss
        if loss.device.type == "cpu" or self.global_step % WATCH_STEPS == 0:
            self.require_finite()

    def require_finite(self) -> None:
        """Raise `InvalidInput` if a loss since the last look was not finite."""
        if self._total is not None and not math.isfinite(float(self._total)):
            raise InvalidInput(f"the loss is not finite at step {self.global_step}; lower the learning rate")
        self._total = None

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Follow the weights with the average; early on the average stays close behind."""
        warm = min(self.recipe.run.ema, (1 + self.global_step) / (10 + self.global_step))
        self.average.multi_avg_fn = _average(warm)
        self.average.update_parameters(self.task)

    def validation_step(self, batch: Batch, index: int) -> None:
        """Figures of the averaged weights, by the same noise every time: one validation can be compared with another."""
        with torch.random.fork_rng():
            torch.manual_seed(index)
            figures = self.averaged().figures(batch)
        self._log("valid", figures, self.global_step - 1)

    def _log(self, stage: str, scalars: dict[str, Tensor], step: int) -> None:
        """Log under the step's own number; Lightning's count would be one ahead after a resumption."""
        named: dict[str, Tensor | float] = {f"{stage}/{name}": value for name, value in scalars.items()}
        self.log_dict({**named, "step": float(step)}, batch_size=1)

    def configure_optimizers(self) -> Any:
        """AdamW; norms, biases and embeddings of one dimension are not decayed."""
        options = self.recipe.optimiser
        parameters = list(self.task.trainable())
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": options.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        optimiser = torch.optim.AdamW(groups, options.learning_rate, options.betas)
        began, run = time.monotonic(), self.recipe.run
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser,
            lambda step: learning_rate_factor(step, options, share_done(step, time.monotonic() - began, run)),
        )
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def exported(self) -> dict[str, Tensor]:
        """Averaged weights of the exported modules, on the CPU in single precision."""
        state = self.averaged().state_dict()
        names = tuple(f"{name}." for name in self.task.exports)
        return {
            key: value.float().cpu().contiguous() for key, value in state.items() if key.startswith(names)
        }


def _average(decay: float) -> Any:
    return get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]


def warm_start(task: Task, weights: Path) -> None:
    """Load exported weights into a task; every name and shape must fit what the task exports."""
    exported = tuple(f"{name}." for name in task.exports)
    try:
        missing, unexpected = task.load_state_dict(read_weights(weights), strict=False)
    except RuntimeError as error:
        raise CorruptFile(f"{weights} does not fit: {str(error).splitlines()[-1].strip()}") from error
    lacking = [name for name in missing if name.startswith(exported)]
    if unexpected or lacking:
        raise CorruptFile(f"{weights} does not fit: missing {lacking[:3]}, unexpected {unexpected[:3]}")


class WholeFiles(TorchCheckpointIO):
    """Checkpoints that appear under their name only once they are complete."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Serialise in memory, then replace the file."""
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_atomic(Path(path), buffer.getvalue())


def train(
    assembly: Assembly, recipe: Recipe, folder: Path, *, progress: Callable[[int], None] | None = None
) -> PartModule:
    """Run or resume a recipe in `folder` and return the trained module.

    Ctrl-C saves the run and then raises `KeyboardInterrupt`: the same call continues it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resumable = folder / CHECKPOINT_FILE
    step = steps_done(resumable)
    pl.seed_everything(recipe.seed + step, verbose=False)
    if step and isinstance(assembly.train, Resumable):
        assembly.train.resume(step)
    if not step and recipe.warm_start is not None:
        warm_start(assembly.task, recipe.warm_start)
    module = PartModule(assembly.task, recipe)
    with _quiet():
        trainer = _trainer(recipe, folder, loggers(folder, step), [Progress(progress)] if progress else [])
    if torch.cuda.is_available() and recipe.run.accelerator != "cpu":
        torch.set_float32_matmul_precision("high")  # what stays in single precision may use TF32
        # Its cuDNN form plans every new shape afresh, and batches of utterances have a new shape in every step.
        torch.backends.cuda.enable_cudnn_sdp(False)
    with _keyboard_interrupts(), _quiet(), _threads(recipe.run.threads):
        trainer.fit(
            module,
            loader(assembly.train, recipe.run, workers=recipe.run.workers),
            loader(assembly.valid, recipe.run, workers=0),
            ckpt_path=str(resumable) if step else None,
            weights_only=True if step else None,
        )
    return module


def loader(batches: Iterable[Batch], run: Run, *, workers: int) -> DataLoader[Batch]:
    """Hand out ready batches, from page-locked memory where they go on to a GPU."""
    pinned = run.accelerator != "cpu" and torch.cuda.is_available()
    return DataLoader(
        batches,  # type: ignore[arg-type]
        batch_size=None,
        num_workers=workers,
        worker_init_fn=diverge,
        persistent_workers=workers > 0,
        pin_memory=pinned,
    )


def steps_done(checkpoint: Path) -> int:
    """Optimiser steps that a checkpoint holds; 0 where there is none."""
    if not checkpoint.exists():
        return 0
    try:
        held = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)
        return int(held["global_step"])
    except (RuntimeError, EOFError, pickle.UnpicklingError, KeyError) as error:
        raise CorruptFile(f"{checkpoint} is damaged: delete it to start the run afresh") from error


def loggers(folder: Path, step: int) -> list[Logger]:
    """The CSV file of a run, and TensorBoard's where one of its writers is installed."""
    found: list[Logger] = [MetricsFile(folder / METRICS_FILE, first_step=step)]
    if find_spec("tensorboard") is not None or find_spec("tensorboardX") is not None:
        found.append(TensorBoardLogger(folder, name=None, version=TENSORBOARD_FOLDER))
    return found


@contextmanager
def _keyboard_interrupts() -> Iterator[None]:
    """Lightning answers Ctrl-C by an exit and leaves the signal ignored; give the caller both back."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as stop:
        if not isinstance(stop.__context__, KeyboardInterrupt):
            raise
        signal.signal(signal.SIGINT, handler)
        raise KeyboardInterrupt from stop


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Threads of the CPU's kernels for the length of a run; the caller's number comes back.

    Tiny numbers count as zero while it lasts: they slow a CPU down and teach nothing. What else runs in the process
    may count on them.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what Lightning says about itself: advertisements, and warnings that no user can act upon."""
    log = logging.getLogger("lightning.pytorch")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r".*LeafSpec.* is deprecated", FutureWarning)
            warnings.filterwarnings("ignore", r".*does not have many workers")
            yield
    finally:
        log.setLevel(level)


def _trainer(recipe: Recipe, folder: Path, loggers: list[Logger], extra: list[Callback]) -> pl.Trainer:
    run = recipe.run
    callbacks: list[Callback] = [WriteSamples(folder)]
    if run.minutes is not None:
        callbacks.append(StopAfter(run.minutes))
    if run.patience is not None:
        callbacks.append(StopAtBest(run.patience))
    # Saving comes after them, because it saves what they leave, and before what the caller wants to see of it.
    callbacks += [SaveRun(folder, run.checkpoint_minutes), *extra]
    return pl.Trainer(
        accelerator=run.accelerator,
        devices=1,
        precision=run.precision,
        max_epochs=-1,
        max_steps=run.steps or -1,
        gradient_clip_val=recipe.optimiser.clip,
        check_val_every_n_epoch=None,
        val_check_interval=run.validate_steps,
        limit_val_batches=run.validate_batches,
        num_sanity_val_steps=0,
        log_every_n_steps=run.log_steps,
        logger=loggers,
        callbacks=callbacks,
        plugins=[WholeFiles()],
        default_root_dir=folder,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
