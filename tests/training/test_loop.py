"""Runs that are resumed, interrupted, averaged, and never half-written."""

import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.checkpoints.bundle import sub_state
from yinse.training.loop import (
    METRICS_FILE,
    TENSORBOARD_FOLDER,
    Assembly,
    PartModule,
    learning_rate_factor,
    loader,
    loggers,
    share_done,
    steps_done,
    train,
    warm_start,
)
from yinse.training.metrics import read_metrics
from yinse.training.recipe import Optimiser, Run


def files(folder: Path) -> set[str]:
    """What a run left, but for TensorBoard's folder, which is there where its writer is installed."""
    return {path.name for path in folder.iterdir()} - {TENSORBOARD_FOLDER}


def test_a_run_learns_and_leaves_whole_files(assembly, line_recipe, tmp_path):
    module = train(assembly, line_recipe(steps=120), tmp_path)
    torch.testing.assert_close(
        module.task.line.weight.detach(), torch.tensor([[2.0, -1.0]]), atol=0.1, rtol=0
    )
    assert module.global_step == 120
    assert files(tmp_path) == {"last.ckpt", "metrics.csv", "weights.safetensors"}
    assert set(load_file(tmp_path / "weights.safetensors")) == {"line.weight", "line.bias"}


def test_averaged_weights_are_exported_and_follow_the_weights(assembly, line_recipe, tmp_path):
    module = train(assembly, line_recipe(steps=30, ema=0.9), tmp_path)
    exported = sub_state(tmp_path / "weights.safetensors", "line")
    torch.testing.assert_close(exported["weight"], module.averaged().line.weight.detach())
    now, target = module.task.line.weight.detach(), torch.tensor([[2.0, -1.0]])
    assert not torch.equal(exported["weight"], now)
    assert (exported["weight"] - target).norm() < 2 * (now - target).norm() + 1


def test_the_average_is_the_exponential_one(assembly, line_recipe, tmp_path):
    seen: list[torch.Tensor] = []
    task = assembly.task
    recipe = line_recipe(steps=5, ema=0.5)
    train(assembly, recipe, tmp_path, progress=lambda _: seen.append(task.line.weight.detach().clone()))
    expected = seen[0]  # the first update copies
    for step, weight in enumerate(seen[1:], 2):
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * weight
    exported = sub_state(tmp_path / "weights.safetensors", "line")["weight"]
    torch.testing.assert_close(exported, expected)


def test_a_run_resumes_at_its_step_with_its_optimiser(assembly, points, line_recipe, tmp_path):
    train(assembly, line_recipe(steps=10), tmp_path)
    assert steps_done(tmp_path / "last.ckpt") == 10
    held = torch.load(tmp_path / "last.ckpt", weights_only=True)
    state = held["optimizer_states"][0]["state"]
    assert all(float(one["step"]) == 10 for one in state.values())
    torch.manual_seed(5)
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    done: list[int] = []
    module = train(again, line_recipe(steps=13), tmp_path, progress=done.append)
    assert done == [11, 12, 13]
    assert again.train.given in (3, 4)
    assert again.train.resumed == [10]
    optimiser = module.trainer.optimizers[0]
    assert all(float(one["step"]) == 13 for one in optimiser.state.values())


def test_resuming_takes_up_the_weights_and_other_batches(assembly, points, line_recipe, tmp_path):
    first = train(assembly, line_recipe(steps=40), tmp_path).task.line.weight.detach()
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    fresh = next(iter(type(points)()))["x"]
    second = train(again, line_recipe(steps=41), tmp_path).task.line.weight.detach()
    assert float((first - second).abs().max()) <= 0.06, "one step of the learning rate at most"
    probe = type(points)()
    probe.resume(40)
    assert not torch.equal(next(iter(probe))["x"], fresh)


def test_metrics_of_all_resumptions_stand_in_one_file(assembly, points, line_recipe, tmp_path):
    train(assembly, line_recipe(steps=4, validate_steps=2), tmp_path)
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    train(again, line_recipe(steps=7, validate_steps=2), tmp_path)
    rows, columns = read_metrics(tmp_path / METRICS_FILE)
    assert {"step", "train/loss", "train/distance", "valid/score"} <= set(columns)
    assert [int(row["step"]) for row in rows if row["train/loss"]] == list(range(7))
    assert [int(row["step"]) for row in rows if row["valid/score"]] == [1, 3, 5]


def test_validation_lets_one_hear_and_see(assembly, line_recipe, tmp_path):
    train(assembly, line_recipe(steps=2, validate_steps=2, validate_batches=2), tmp_path)
    assert files(tmp_path / "samples") == {"0000002-tone.wav", "0000002-points.png"}


def test_ctrl_c_saves_a_run_that_resumes(assembly, points, line_recipe, tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    points.trouble = (5, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        train(assembly, line_recipe(steps=50), tmp_path)
    assert signal.getsignal(signal.SIGINT) is handler
    assert files(tmp_path) == {"last.ckpt", "metrics.csv", "weights.safetensors"}
    assert steps_done(tmp_path / "last.ckpt") >= 4
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    assert train(again, line_recipe(steps=8), tmp_path).global_step == 8


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT as a terminal sends it; whoever started the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_real_interrupt_in_the_midst_of_a_step_saves_too(assembly, line_recipe, tmp_path):
    def interrupt(step: int) -> None:
        if step == 6:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(assembly, line_recipe(steps=50), tmp_path, progress=interrupt)
    assert steps_done(tmp_path / "last.ckpt") == 6


def test_ctrl_c_before_the_first_step_leaves_nothing_to_resume(assembly, points, line_recipe, tmp_path):
    points.trouble = (0, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        train(assembly, line_recipe(steps=50), tmp_path)
    assert files(tmp_path) == set()


def test_an_error_does_not_replace_what_was_good(assembly, points, line_recipe, tmp_path):
    train(assembly, line_recipe(steps=3), tmp_path)
    before = (tmp_path / "last.ckpt").read_bytes()
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    again.train.trouble = (3, RuntimeError("broken recording"))
    with pytest.raises(RuntimeError, match="broken recording"):
        train(again, line_recipe(steps=20), tmp_path)
    assert (tmp_path / "last.ckpt").read_bytes() == before


def test_a_loss_that_is_not_finite_says_so(assembly, line_recipe, tmp_path):
    with torch.no_grad():
        assembly.task.line.weight.fill_(float("nan"))
    with pytest.raises(InvalidInput, match="not finite at step 0"):
        train(assembly, line_recipe(steps=3), tmp_path)


def test_minutes_end_this_call_and_not_the_run(assembly, points, line_recipe, tmp_path):
    assert train(assembly, line_recipe(minutes=1e-6), tmp_path).global_step == 1
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    assert train(again, line_recipe(minutes=1e-6), tmp_path).global_step == 2


@pytest.fixture
def scripted(assembly, monkeypatch):
    """Let validations score as told; returns the averaged weights that each of them saw."""

    def script(scores: list[float]) -> list[torch.Tensor]:
        seen: list[torch.Tensor] = []

        def figures(task, batch):
            seen.append(task.line.weight.detach().clone())
            return {"score": torch.tensor(scores[len(seen) - 1])}

        monkeypatch.setattr(type(assembly.task), "figures", figures)
        return seen

    return script


def test_a_run_that_gets_no_better_ends_with_its_best_weights(assembly, line_recipe, tmp_path, scripted):
    seen = scripted([3.0, 1.0, 2.0, 1.5, 0.5])
    recipe = line_recipe(steps=50, validate_steps=2, validate_batches=1, patience=2, ema=0.5)
    module = train(assembly, recipe, tmp_path)
    assert module.global_step == 8, "the fifth validation, which would be the best, is not reached"
    assert not torch.equal(seen[1], seen[3])
    torch.testing.assert_close(module.averaged().line.weight.detach(), seen[1], atol=0, rtol=0)
    exported = sub_state(tmp_path / "weights.safetensors", "line")["weight"]
    torch.testing.assert_close(exported, seen[1], atol=0, rtol=0)


def test_a_resumed_run_knows_its_best(assembly, points, line_recipe, tmp_path, scripted):
    seen = scripted([1.0, 2.0, 2.0, 2.0])
    options = {"validate_steps": 2, "validate_batches": 1, "patience": 3, "ema": 0.5}
    train(assembly, line_recipe(steps=5, **options), tmp_path)
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    module = train(again, line_recipe(steps=50, **options), tmp_path)
    assert len(seen) == 4
    torch.testing.assert_close(module.averaged().line.weight.detach(), seen[0], atol=0, rtol=0)


def test_it_saves_as_often_as_told(assembly, line_recipe, tmp_path):
    saved: list[bool] = []
    recipe = line_recipe(steps=3, checkpoint_minutes=1e-6)
    train(assembly, recipe, tmp_path, progress=lambda _: saved.append((tmp_path / "last.ckpt").exists()))
    assert saved == [True, True, True]


def test_a_damaged_checkpoint_says_so(assembly, line_recipe, tmp_path):
    (tmp_path / "last.ckpt").write_bytes(b"not a checkpoint")
    with pytest.raises(CorruptFile, match="delete it to start"):
        train(assembly, line_recipe(steps=3), tmp_path)


def test_warm_start_takes_what_another_run_exported(assembly, points, line_recipe, tmp_path):
    module = train(assembly, line_recipe(steps=30), tmp_path / "first")
    weights = tmp_path / "first" / "weights.safetensors"
    recipe = line_recipe(steps=1).model_copy(update={"warm_start": weights})
    again = Assembly(type(assembly.task)(), type(points)(), type(points)(seed=99))
    second = train(again, recipe, tmp_path / "second")
    torch.testing.assert_close(
        second.task.line.weight.detach(), module.averaged().line.weight, atol=0.06, rtol=0
    )


def test_warm_start_refuses_what_does_not_fit(assembly, tmp_path):
    task, weights = assembly.task, tmp_path / "weights.safetensors"
    with pytest.raises(NotFound):
        warm_start(task, weights)
    weights.write_bytes(b"x")
    with pytest.raises(CorruptFile, match="damaged"):
        warm_start(task, weights)
    save_file({"line.weight": torch.zeros(1, 2)}, weights)
    with pytest.raises(CorruptFile, match=r"missing \['line.bias'\]"):
        warm_start(task, weights)
    whole = {"line.weight": torch.zeros(1, 2), "line.bias": torch.zeros(1)}
    save_file({**whole, "other": torch.zeros(1)}, weights)
    with pytest.raises(CorruptFile, match="unexpected"):
        warm_start(task, weights)
    save_file({**whole, "line.weight": torch.zeros(1, 3)}, weights)
    with pytest.raises(CorruptFile, match="does not fit"):
        warm_start(task, weights)
    save_file(whole, weights)
    warm_start(task, weights)
    assert float(task.line.weight.detach().abs().sum()) == 0


def test_norms_and_biases_are_not_decayed(assembly, line_recipe):
    module = PartModule(assembly.task, line_recipe())
    decayed, kept = module.configure_optimizers()["optimizer"].param_groups
    assert {p.ndim for p in decayed["params"]} == {2}
    assert {p.ndim for p in kept["params"]} == {1}
    assert kept["weight_decay"] == 0 < decayed["weight_decay"]


def test_frozen_weights_are_left_alone(assembly, line_recipe, tmp_path):
    assembly.task.line.bias.requires_grad_(False)
    before = assembly.task.line.bias.clone()
    train(assembly, line_recipe(steps=3), tmp_path)
    assert torch.equal(assembly.task.line.bias, before)


def test_the_learning_rate_warms_up_holds_and_decays():
    options = Optimiser(warmup_steps=10, decay_from_step=100, decay_steps=50)
    factors = [learning_rate_factor(step, options) for step in range(160)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[9:101] == [1.0] * 92
    assert factors[125] == pytest.approx(0.5)
    assert factors[150:] == [0.0] * 10


def test_tiny_numbers_are_nothing_during_a_run_and_themselves_after_it(assembly, line_recipe, tmp_path):
    def smallest() -> float:
        return float(torch.full((1,), 1e-308, dtype=torch.float64) / 4)

    seen = []
    train(assembly, line_recipe(steps=1), tmp_path, progress=lambda _: seen.append(smallest()))
    assert set(seen) == {0.0}
    assert smallest() > 0


def test_threads_are_given_back(assembly, line_recipe, tmp_path):
    before = torch.get_num_threads()
    seen: list[int] = []
    recipe = line_recipe(steps=1, threads=2)
    train(assembly, recipe, tmp_path, progress=lambda _: seen.append(torch.get_num_threads()))
    assert seen == [2]
    assert torch.get_num_threads() == before


def test_batches_wait_in_page_locked_memory_only_for_a_gpu(points, line_recipe, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert not loader(points, line_recipe().run, workers=0).pin_memory
    assert loader(points, line_recipe(accelerator="auto").run, workers=0).pin_memory
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert not loader(points, line_recipe(accelerator="auto").run, workers=0).pin_memory


def test_worker_processes_prepare_batches_of_their_own(points, line_recipe):
    batches = iter(loader(points, line_recipe().run, workers=2))
    first, second, third = (next(batches)["x"] for _ in range(3))
    assert not torch.equal(first, second)
    assert not torch.equal(first, third)
    assert not torch.equal(first, next(iter(type(points)()))["x"])


@pytest.mark.skipif(find_spec("tensorboardX") is None, reason="tensorboardX is not installed")
def test_tensorboard_has_the_scalars(assembly, line_recipe, tmp_path):
    train(assembly, line_recipe(steps=3, validate_steps=3), tmp_path)
    events = b"".join(path.read_bytes() for path in (tmp_path / TENSORBOARD_FOLDER).glob("events.*"))
    assert b"train/loss" in events
    assert b"valid/score" in events


def test_tensorboard_only_where_it_is_installed(tmp_path, monkeypatch):
    monkeypatch.setattr("yinse.training.loop.find_spec", lambda name: None)
    assert [type(one).__name__ for one in loggers(tmp_path, 0)] == ["MetricsFile"]


def test_the_last_share_of_a_run_decays():
    options = Optimiser(warmup_steps=0, decay_share=0.4)
    assert learning_rate_factor(5, options, 0.0) == 1.0
    assert learning_rate_factor(5, options, 0.6) == pytest.approx(1.0)
    assert learning_rate_factor(5, options, 0.8) == pytest.approx(0.5)
    assert learning_rate_factor(5, options, 1.2) == 0.0


def test_steps_or_minutes_say_how_much_of_a_run_is_over():
    assert share_done(50, 60.0, Run(steps=200)) == 0.25
    assert share_done(50, 60.0, Run(minutes=2)) == 0.5
    assert share_done(50, 60.0, Run(steps=60, minutes=2)) == pytest.approx(50 / 60)
    assert share_done(50, 60.0, Run()) == 0.0
