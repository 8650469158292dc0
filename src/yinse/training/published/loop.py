"""The loop of fine-tuning: epochs that depend on the seed and their number alone, so that a run can go on.

A run's folder holds `state.pt` (to go on from), `metrics.csv` and the exported files.
"""

import csv
import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import torch

from yinse.contracts.errors import CorruptFile
from yinse.engine.audio.files import write_atomic
from yinse.engine.checkpoints.published import writer
from yinse.training.published.batches import Epochs
from yinse.training.published.trainer import Trainer

Batch = TypeVar("Batch")
STATE, METRICS = "state.pt", "metrics.csv"
_EPOCH: Final = "epochs"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how often exported, under which name and seed."""

    name: str
    epochs: int
    save_every: int
    seed: int


def fine_tune(
    trainer: Trainer[Batch],
    batches: Epochs[Batch],
    plan: Plan,
    folder: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Path]:
    """Run or resume; returns every exported file of this call. An interrupted epoch is begun again.

    Raises `CorruptFile` for a damaged state, `InvalidInput` when the loss is no number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for epoch in range(_resume(trainer, folder / STATE), plan.epochs):
        figures = _epoch(trainer, batches, epoch, plan.seed)
        trainer.end_epoch()
        _log(folder / METRICS, epoch + 1, figures)
        if (epoch + 1) % plan.save_every == 0 or epoch + 1 == plan.epochs:
            path = folder / trainer.file_name(plan.name, epoch + 1)
            writer.write(trainer.checkpoint(epoch + 1), path)
            written.append(path)
        _save(trainer, epoch + 1, folder / STATE)
        progress(epoch + 1)
    return written


def _epoch(trainer: Trainer[Batch], batches: Epochs[Batch], epoch: int, seed: int) -> Mapping[str, float]:
    """Means of all figures. What is drawn does not depend on earlier epochs, nor does it leave a trace."""
    sums: dict[str, float] = {}
    count = 0
    devices = [trainer.device] if trainer.device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed * 1_000_003 + epoch)
        for index, batch in enumerate(batches.epoch(epoch)):
            for name, value in trainer.step(batch, index).items():
                sums[name] = sums.get(name, 0.0) + value
            count += 1
    return {name: value / count for name, value in sums.items()}


def _resume(trainer: Trainer[Any], path: Path) -> int:
    """Epochs that are done already."""
    if not path.exists():
        return 0
    try:
        held = torch.load(path, map_location=trainer.device, weights_only=True)
        trainer.restore(held["trainer"])
        return int(held[_EPOCH])
    except (RuntimeError, EOFError, pickle.UnpicklingError, LookupError, ValueError) as error:
        raise CorruptFile(
            f"{path} does not fit this run or is damaged; delete it to begin afresh."
        ) from error


def _save(trainer: Trainer[Any], epochs: int, path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"trainer": trainer.state(), _EPOCH: epochs}, buffer)
    write_atomic(path, buffer.getvalue())


def _log(path: Path, epoch: int, figures: Mapping[str, float]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        if new:
            rows.writerow(["epoch", *figures])
        rows.writerow([epoch, *(f"{value:.6g}" for value in figures.values())])
