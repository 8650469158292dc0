"""Train codecs for the same time and hold their copies of strangers' speech against the originals.

Legend: T samples at 44.1 kHz.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import cast

import torch

from benchmarks.voice.fidelity import drowned, scores
from benchmarks.voice.figures import Figure, mean
from benchmarks.voice.table import shown
from yinse.contracts.errors import AlreadyExists, InvalidInput, NotFound
from yinse.corpus.entry import FULL_BAND, Entry
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.waveform import Waveform
from yinse.training.callbacks import CHECKPOINT_FILE
from yinse.training.loop import train
from yinse.training.parts.codec import CodecTask, trusted_bandwidth
from yinse.training.recipe import Recipe, load_recipe
from yinse.training.registry import assemble

SECONDS = (1.5, 8.0)
"""Shortest and longest recording that is copied."""
FLOOR = "original under noise"


@dataclass(frozen=True, slots=True)
class Result:
    """How one decoder did: PESQ and STOI of its copies, seconds of decoding a second of audio on this machine."""

    name: str
    parameters: int
    steps: int
    pesq: Figure
    stoi: Figure
    real_time_factor: float


@dataclass(frozen=True, slots=True)
class Original:
    """A stranger's recording, and the highest frequency in Hz that can be trusted in it."""

    waveform: Waveform
    bandwidth: float


def strangers(store: CorpusStore, count: int) -> list[Original]:
    """`count` recordings of held-out speakers, who take turns."""
    by_speaker: dict[str, list[Entry]] = defaultdict(list)
    for entry in store.entries:
        if entry.split == "unseen" and SECONDS[0] <= entry.seconds <= SECONDS[1]:
            by_speaker[entry.speaker].append(entry)
    turns = chain.from_iterable(zip_longest(*by_speaker.values()))
    chosen = [entry for entry in turns if entry is not None][:count]
    if not chosen:
        raise NotFound(f"{store.folder} has no recording of a held-out speaker of {SECONDS[0]} s or more")
    return [Original(_waveform(store, entry), trusted_bandwidth(entry)) for entry in chosen]


def _waveform(store: CorpusStore, entry: Entry) -> Waveform:
    return Waveform(store.audio(entry).numpy(), FULL_BAND)


def contest(
    recipes: Sequence[Path], store: Path, out: Path, *, minutes: float | None, steps: int | None, count: int
) -> Iterator[Result]:
    """Train and measure one recipe after the other; `steps` instead of `minutes` is for a trial run."""
    originals = strangers(CorpusStore(store), count)
    for path in recipes:
        recipe = _limited(load_recipe(path), store, minutes, steps)
        yield compete(path.stem, recipe, out / path.stem, originals)


def _limited(recipe: Recipe, store: Path, minutes: float | None, steps: int | None) -> Recipe:
    if recipe.part != "codec":
        raise InvalidInput(f"only codecs have a decoder to compare; this recipe trains {recipe.part}")
    run = recipe.run.model_copy(update={"minutes": minutes, "steps": steps})
    return recipe.model_copy(update={"corpus": store, "run": run})


def compete(name: str, recipe: Recipe, folder: Path, originals: Sequence[Original]) -> Result:
    """Train one codec from nothing and measure its copies."""
    if (folder / CHECKPOINT_FILE).exists():
        raise AlreadyExists(f"{folder} holds a run; both must begin with nothing, so name another --out")
    module = train(assemble(recipe), recipe, folder)
    task = cast("CodecTask", module.averaged()).eval()
    began = time.perf_counter()
    copies = [copy(task, original) for original in originals]
    factor = (time.perf_counter() - began) / sum(original.waveform.seconds for original in originals)
    parameters = sum(weight.numel() for weight in task.decoder.parameters())
    return Result(name, parameters, module.global_step, *_fidelity(originals, copies), factor)


@torch.inference_mode()
def copy(task: CodecTask, original: Original) -> Waveform:
    """A recording to latents and back: (T,) -> (T,)."""
    samples = torch.from_numpy(original.waveform.samples)[None]
    spare = -samples.shape[1] % task.mel.hop
    padded = torch.nn.functional.pad(samples, (0, spare))
    latent = task.encode(padded, torch.tensor([original.bandwidth])).mean_BDF
    decoded = task.decoder(latent)[0, : samples.shape[1]].float().clamp(-1, 1)
    return Waveform(decoded.numpy(), FULL_BAND)


def floor(originals: Sequence[Original]) -> Result:
    """The originals under noise of their own power: what a useless decoder would score."""
    pesq, stoi = _fidelity(originals, [drowned(original.waveform) for original in originals])
    return Result(FLOOR, 0, 0, pesq, stoi, 0.0)


def _fidelity(originals: Sequence[Original], copies: Sequence[Waveform]) -> tuple[Figure, Figure]:
    pairs = [scores(original.waveform, copy) for original, copy in zip(originals, copies, strict=True)]
    return mean([pesq for pesq, _, _ in pairs]), mean([stoi for _, stoi, _ in pairs])


def to_markdown(results: Sequence[Result], heading: str) -> str:
    """One row a decoder."""
    lines = [
        f"# Decoders\n\n{heading}\n",
        "| codec | decoder parameters | steps | PESQ (wide band) | STOI | real-time factor |",
        "|---|---|---|---|---|---|",
    ]
    for one in results:
        figures = f"{shown(one.pesq, '')} | {shown(one.stoi, '')}"
        lines.append(
            f"| {one.name} | {one.parameters / 1e6:.1f} M | {one.steps} | {figures} | {one.real_time_factor:.3f} |"
        )
    return "\n".join(lines) + "\n"
