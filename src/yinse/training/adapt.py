"""Fine-tune the base on one voice's minute, and keep the result only if held-back speech says that it is better."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from yinse.contracts.enrolment import ADAPT_STEPS
from yinse.contracts.errors import RecordingRejected
from yinse.engine.audio.mel import ACOUSTIC_MEL, log_mel
from yinse.engine.audio.resample import resample
from yinse.engine.checkpoints.adapter import save_adapter
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN
from yinse.engine.voice.enrol import Slice
from yinse.engine.voice.listen import embed_speaker, hear, level, place
from yinse.training.loop import Assembly, train
from yinse.training.parts.adapt import TOKENS, AdaptBatches, AdaptSlice, AdaptTask
from yinse.training.recipe import Optimiser, Recipe, Run

HELD_BACK: Final = 5
"""Every fifth slice is held back to judge by."""
JUDGE_BATCHES: Final = 6
FEWEST_SLICES: Final = 4
PATIENCE: Final = 3
"""Looks at the held-back slices without an improvement, 25 steps apart, before fine-tuning ends."""


@dataclass(frozen=True, slots=True)
class AdaptOutcome:
    """Held-back loss before and after, and whether the adapter was kept."""

    before: float
    after: float
    steps: int
    kept: bool


def adapt(
    models: BaseModels, slices: list[Slice], bandwidth: float, target: Path, work: Path, *, steps: int = ADAPT_STEPS,
    progress: Callable[[int], None] | None = None,
) -> AdaptOutcome:  # fmt: skip
    """Train low-rank updates in `work` (resumable) and write them to `target` if they improve held-back slices."""
    heard = [one for one in (_digest(models, slice_) for slice_ in slices) if len(one.tokens) >= TOKENS]
    if len(heard) < FEWEST_SLICES:
        raise RecordingRejected(
            f"{len(heard)} slices of at least 1.6 s are too few to fine-tune on; record about a minute of speech"
        )
    held = heard[::HELD_BACK]
    kept = [one for index, one in enumerate(heard) if index % HELD_BACK]
    speaker = torch.from_numpy(embed_speaker(models, [level(one.waveform) for one in slices]))
    task = AdaptTask(models)
    judge = AdaptBatches(held, kept, speaker, bandwidth, batch=8, seed=1)
    before = judged(task, judge)
    recipe = _recipe(steps)
    batches = AdaptBatches(kept, kept, speaker, bandwidth, batch=4, seed=2)
    module = train(Assembly(task, batches, judge), recipe, work, progress=progress)
    best = module.average.module
    assert isinstance(best, AdaptTask)
    after = judged(best, judge)
    if after < before:
        save_adapter(target, best.adapter(), models.revision)
    return AdaptOutcome(before, after, module.global_step, after < before)


def _recipe(steps: int) -> Recipe:
    decay = Optimiser(
        learning_rate=1e-3, warmup_steps=20, weight_decay=0.0, decay_from_step=steps // 2, decay_steps=steps
    )
    run = Run(
        steps=steps,
        ema=0.98,
        validate_steps=25,
        validate_batches=JUDGE_BATCHES,
        patience=PATIENCE,
        log_steps=5,
        checkpoint_minutes=0.5,
        threads=torch.get_num_threads(),
    )
    return Recipe(part="adapt", optimiser=decay, run=run)


@torch.no_grad()
def judged(task: AdaptTask, batches: AdaptBatches) -> float:
    """Mean score over the same batches with the same noise, whoever asks; the task stays in the mode it was in."""
    mode = task.training
    task.eval()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        scores = [
            float(task.figures(batch)["score"])
            for batch, _ in zip(batches, range(JUDGE_BATCHES), strict=False)
        ]
    task.train(mode)
    return sum(scores) / len(scores)


def _digest(models: BaseModels, one: Slice) -> AdaptSlice:
    """A slice as training sees it: content, mel and samples of equal length."""
    waveform = level(one.waveform)
    heard = hear(models, waveform)
    placed = place(heard, one.symbols) or place(heard, None)
    tokens = torch.from_numpy(heard.tokens_S)
    symbols = torch.zeros_like(tokens)
    if placed is not None:
        symbols = torch.tensor(placed[0].symbols)[torch.from_numpy(placed[0].pointer_T).long()]
    samples = torch.from_numpy(resample(waveform, ACOUSTIC_MEL.rate).samples)
    needed = len(tokens) * FRAMES_PER_TOKEN * ACOUSTIC_MEL.hop
    samples = torch.nn.functional.pad(samples, (0, max(0, needed - len(samples))))[:needed]
    return AdaptSlice(tokens, symbols, log_mel(samples[None], ACOUSTIC_MEL)[0].T, samples)
