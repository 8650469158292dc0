"""`python -m benchmarks.family.gpu`: the published family on a GPU, at its real size with random weights.

Imports nothing but torch and the model modules, so that a bare GPU machine runs it with PYTHONPATH=src:. ;
`--tiny` runs the same code with small models on the CPU: it measures nothing, it shows that all of it works.
"""

import argparse
import csv
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from benchmarks.family.gpu_models import Maker, Sizes, real, tiny
from benchmarks.voice.machine import this_machine
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.semantic.s1.replay import FixedStep
from yinse.engine.models.semantic.s1.sampling import SamplingControls, draw, penalise, probabilities
from yinse.engine.models.semantic.s1.state import S1State

PRECISIONS: Final = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
BATCHES: Final = (1, 4, 16)
FLOW_STEPS: Final = (4, 8, 32)
STEPS: Final = 60
"""Tokens a round of s1."""
SLOW: Final = 3.0
"""Seconds of a warm-up after which one round has to do, so that everything stays within a minute."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity of one model in one precision: the median of the rounds, and the best."""

    model: str
    quantity: str
    precision: str
    value: float
    best: float


@dataclass(frozen=True, slots=True)
class Clock:
    """Times work on a device."""

    device: torch.device
    rounds: int

    def seconds(self, work: Callable[[], object]) -> tuple[float, float]:
        """Median and best of the rounds, after one that warms up; a slow device gets one round."""
        with torch.inference_mode():
            warm_up = self._once(work)
            found = [self._once(work) for _ in range(self.rounds if warm_up < SLOW else 1)]
        return statistics.median(found), min(found)

    def _once(self, work: Callable[[], object]) -> float:
        """Seconds until the device has finished."""
        self._wait()
        start = time.perf_counter()
        work()
        self._wait()
        return time.perf_counter() - start

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


@dataclass(frozen=True, slots=True)
class Rows:
    """Utterances of one batch that were read, in every way of continuing them."""

    model: S1Model
    prefilled: S1State
    fixed: FixedStep
    tokens_TB: Tensor

    @staticmethod
    def read(maker: Maker, model: S1Model, batch: int) -> "Rows":
        """Read texts and prompts, and make the buffers; on a GPU the step is captured."""
        with torch.inference_mode():
            prefilled = model.prefill([maker.utterance(row) for row in range(batch)], STEPS)[1]
        fixed = FixedStep(model, batch, -(-prefilled.capacity // 8) * 8)
        if maker.device.type == "cuda":
            fixed.capture()
        return Rows(model, prefilled, fixed, maker.whole(STEPS, batch, seed=2, below=model.end))

    def ways(self) -> dict[str, Callable[[], None]]:
        """What is timed."""
        graph = "CUDA graph" if self.tokens_TB.is_cuda else "fixed buffers"
        return {"step by step": self.step, graph: self.replay, f"{graph}, tokens drawn": self.draw}

    def step(self) -> None:
        """As on a CPU: every kernel launched from Python, the state one position longer a step."""
        state = self.prefilled
        for tokens_B in self.tokens_TB:
            _, state = self.model.step(tokens_B, state)

    def replay(self) -> None:
        """The same tokens through the fixed step."""
        self.fixed.begin(self.prefilled)
        for tokens_B in self.tokens_TB:
            self.fixed(tokens_B)

    def draw(self) -> None:
        """Draw every token on the device and tell the host, who must know whether an utterance has ended."""
        controls, codes = SamplingControls(), self.model.end
        self.fixed.begin(self.prefilled)
        tokens_B = self.tokens_TB[0]
        used_BV = torch.zeros(len(tokens_B), codes, dtype=torch.bool, device=tokens_B.device)
        for _ in range(STEPS):
            scores_BV = self.fixed(tokens_B)[:, :codes].float()
            penalised = penalise(scores_BV, used_BV, controls.repetition_penalty)
            tokens_B = draw(probabilities(penalised, controls), None)
            used_BV.scatter_(1, tokens_B[:, None], True)
            tokens_B.tolist()


Found = tuple[str, float, float]
"""A quantity, its median and its best round."""


def measure_s1(clock: Clock, maker: Maker, version: str) -> Iterator[Found]:
    """Tokens a second, all rows of the batch together; s1 is the same in all versions from v2 on."""
    model = maker.s1()
    for batch in BATCHES:
        for way, work in Rows.read(maker, model, batch).ways().items():
            median, best = clock.seconds(work)
            yield f"tokens/s, batch {batch}, {way}", STEPS * batch / median, STEPS * batch / best


def measure_s2(clock: Clock, maker: Maker, version: str) -> Iterator[Found]:
    """Seconds of work for a second of sound from tokens."""
    median, best = clock.seconds(maker.voice(version).speak)
    yield "s2, real-time factor", median / maker.sizes.seconds, best / maker.sizes.seconds


def measure_flow(clock: Clock, maker: Maker, version: str) -> Iterator[Found]:
    """Encoder, flow and vocoder together, and the vocoder alone."""
    voice, length = maker.flow_voice(version), maker.sizes.seconds
    for steps in FLOW_STEPS:
        median, best = clock.seconds(partial(voice.speak, steps))
        yield f"s2 of {steps} steps and vocoder, real-time factor", median / length, best / length
    with torch.inference_mode():
        mel = voice.mel(1)
    median, best = clock.seconds(partial(voice.vocoder, mel))
    yield "of it the vocoder, real-time factor", median / length, best / length


@torch.inference_mode()
def closeness(exact: Maker, half: Maker, precision: str, rows: int = 4) -> Iterator[Figure]:
    """Half precision against fp32, the same tokens forced on both and no noise drawn."""
    expected, actual = scores(exact, rows), scores(half, rows)
    values = {
        "score error": float((actual - expected).norm() / expected.norm()),
        "same likeliest token": float((actual.argmax(-1) == expected.argmax(-1)).float().mean()),
    }
    for quantity, value in values.items():
        yield Figure("s1", quantity, precision, value, value)
    for version in exact.sizes.s2:
        sound = exact.voice(version).speak(0.0)
        noise = half.voice(version).speak(0.0).float() - sound
        ratio = 10 * math.log10(float(sound.square().sum()) / max(float(noise.square().sum()), 1e-30))
        yield Figure(version, "s2, signal to noise, dB", precision, ratio, ratio)


@torch.inference_mode()
def scores(maker: Maker, rows: int) -> Tensor:
    """After each forced token: (T + 1, rows, V)."""
    model = maker.s1()
    logits, state = model.prefill([maker.utterance(row) for row in range(rows)], STEPS)
    found = [logits.float()]
    for tokens_B in maker.whole(STEPS, rows, seed=3, below=model.end):
        logits, state = model.step(tokens_B, state)
        found.append(logits.float())
    return torch.stack(found)


def measure(sizes: Sizes, device: torch.device, rounds: int) -> Iterator[Figure]:
    """Everything, as soon as it is known."""
    clock, exact = Clock(device, rounds), Maker(sizes, device, torch.float32)
    parts = [("s1", measure_s1)]
    parts += [(version, measure_s2) for version in sizes.s2]
    parts += [(version, measure_flow) for version in sizes.flow]
    for precision, dtype in PRECISIONS.items():
        maker = Maker(sizes, device, dtype)
        for model, part in parts:
            for quantity, median, best in with_memory(device, part(clock, maker, model)):
                yield Figure(model, quantity, precision, median, best)
        if dtype != torch.float32:
            yield from closeness(exact, maker, precision)


def with_memory(device: torch.device, found: Iterator[Found]) -> Iterator[Found]:
    """What is found, then the most memory of the device that it took."""
    if device.type != "cuda":
        yield from found
        return
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    yield from found
    peak = torch.cuda.max_memory_allocated(device) / 2**20
    yield "peak device memory, MB", peak, peak


def number(value: float) -> str:
    """Three digits that matter."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(figures: Sequence[Figure], machine: str) -> str:
    """One table a model: quantities down, precisions across."""
    parts = [
        "# Speed of the published family on a GPU\n",
        f"{machine}.\n",
        "Random weights of the real size; 60 phonemes, a prompt of 5 s, 4.96 s spoken, median of the rounds after one "
        "that warms up. fp32 multiplies matrices without TF32, torch's default; its convolutions use it. "
        "`python -m benchmarks.family.gpu` writes this page.\n",
    ]
    for model in dict.fromkeys(one.model for one in figures):
        mine = {(one.quantity, one.precision): one for one in figures if one.model == model}
        rows = [f"| {model} | {' | '.join(PRECISIONS)} |", f"|---|{'---:|' * len(PRECISIONS)}"]
        for quantity in dict.fromkeys(quantity for quantity, _ in mine):
            found = [mine.get((quantity, precision)) for precision in PRECISIONS]
            rows.append(f"| {quantity} | {' | '.join(number(one.value) if one else '' for one in found)} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def write_csv(figures: Sequence[Figure], machine: str, path: Path) -> None:
    """Every figure with its best round, and where it was measured."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "quantity", "precision", "median", "best", "machine"])
        for one in figures:
            values = (f"{one.value:.6g}", f"{one.best:.6g}")
            writer.writerow([one.model, one.quantity, one.precision, *values, machine])


def describe(device: torch.device) -> str:
    """The machine in one line, the GPU first."""
    if device.type != "cuda":
        return this_machine().sentence()
    properties = torch.cuda.get_device_properties(device)
    memory = properties.total_memory / 2**30
    return f"{properties.name}, {memory:.0f} GB, CUDA {torch.version.cuda}; {this_machine().sentence()}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write `family-gpu.md` and `family-gpu.csv` after every figure's group."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tiny", action="store_true", help="small models on the CPU, to see that it works")
    options = parser.parse_args(arguments)
    if not options.tiny and not torch.cuda.is_available():
        print("There is no CUDA device here; --tiny tries the program on the CPU.", file=sys.stderr)
        return 1
    device = torch.device("cpu") if options.tiny else torch.device("cuda", 0)
    machine, start = describe(device), time.perf_counter()
    options.results.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    for figure in measure(tiny() if options.tiny else real(), device, options.rounds):
        figures.append(figure)
        elapsed = time.perf_counter() - start
        line = f"{figure.model}, {figure.precision}: {figure.quantity} {number(figure.value)}"
        print(f"{elapsed:5.1f} s  {line}", flush=True)
        write_csv(figures, machine, options.results / "family-gpu.csv")
    page = markdown(figures, machine)
    (options.results / "family-gpu.md").write_text(page, "utf-8")
    print(f"\n{page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
