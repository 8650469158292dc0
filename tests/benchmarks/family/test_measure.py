import subprocess
import sys
from pathlib import Path

import pytest
import torch
from benchmarks.family.baseline import ConcatenatingS1
from benchmarks.family.clock import Timing, clocked, peak_mb, resident_mb
from benchmarks.family.closeness import same_top, signal_to_noise
from benchmarks.family.voices import settled
from torch import Tensor

import tiny_published as tiny
from yinse.engine.models.semantic.s1.state import S1Input


def utterance() -> S1Input:
    return S1Input(torch.arange(9), torch.ones(1024, 9), torch.arange(5))


@torch.inference_mode()
def forced(stepper: ConcatenatingS1 | torch.nn.Module, state: object, tokens: Tensor) -> list[Tensor]:
    found = []
    for token in tokens:
        logits, state = stepper.step(token[None], state)  # type: ignore[operator, arg-type]
        found.append(logits)
    return found


def test_the_published_loop_says_the_same() -> None:
    model = tiny.end_to_end().s1
    tokens = torch.arange(6)
    growing = ConcatenatingS1(model)
    expected = forced(model, model.prefill([utterance()], 10)[1], tokens)
    actual = forced(growing, growing.prefill([utterance()])[1], tokens)
    assert torch.allclose(torch.cat(actual), torch.cat(expected), atol=1e-5)


def test_the_clock_counts_rounds_after_a_warm_up() -> None:
    calls: list[int] = []
    timing = clocked(lambda: calls.append(1), 3)
    assert len(calls) == 4
    assert 0 <= timing.best <= timing.median
    with pytest.raises(ValueError, match="forwards"):
        Timing(-1.0, 0.0, 0.0)


def test_memory_is_told() -> None:
    assert 10 < resident_mb() <= peak_mb() * 1.01


def test_a_peak_can_be_forgotten(root: Path) -> None:
    """In a process of its own: threads that other tests left behind may take memory meanwhile."""
    script = (
        "from benchmarks.family.clock import forget_peak, peak_mb\n"
        "held = bytearray(256 * 2**20)\n"
        "del held\n"
        "before = peak_mb()\n"
        "forget_peak()\n"
        "print(before - peak_mb())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root
    )
    assert float(told.stdout) > 100


def test_signal_to_noise_in_decibels() -> None:
    signal = torch.ones(1000)
    assert signal_to_noise(signal, signal * 0.9) == pytest.approx(20.0, abs=1e-3)
    assert signal_to_noise(signal, signal) == float("inf")


def test_shared_top_tokens() -> None:
    first = torch.arange(40.0)[None]
    assert same_top(first, first) == 1.0
    assert same_top(first, -first) == 0.0


def test_random_weights_keep_the_level() -> None:
    layer = settled(torch.nn.Linear(400, 300, bias=False))
    assert float(layer(torch.randn(50, 400)).std()) == pytest.approx(1.0, abs=0.1)
