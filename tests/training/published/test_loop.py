import csv
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
import yaml

import tiny_published as tiny
from yinse.contracts.errors import CorruptFile, InvalidInput
from yinse.engine.checkpoints.published import checkpoint as checkpoints
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.training.published import run as running
from yinse.training.published.base import Base, load_base
from yinse.training.published.batches import Epochs, s1_epochs, s2_epochs
from yinse.training.published.discriminators import DiscriminatorConfig, Discriminators
from yinse.training.published.items import Item, load_item
from yinse.training.published.loop import METRICS, STATE, Plan, fine_tune
from yinse.training.published.recipe import FIXED, FineTune, load_recipe
from yinse.training.published.s1 import S1Trainer
from yinse.training.published.s2 import S2Trainer


class Few(Epochs[Any]):
    """The first batches of every epoch."""

    def epoch(self, number: int) -> Iterator[Any]:
        return islice(Epochs.epoch(self, number), 6)


def few(epochs: Epochs[Any], count: int = 1) -> Few:
    return Few(epochs.items, count, epochs.seed, epochs.bin_seconds, epochs.collate)


def s1_trainer(file: Path) -> S1Trainer:
    return S1Trainer(load_base(file, Kind.S1, "v2"), FIXED, learning_rate=0.002)


def plan(epochs: int) -> Plan:
    return Plan("me", epochs, 2, seed=7)


def test_a_resumed_run_ends_where_an_unbroken_one_does(
    s1_file: Path, items: list[Item], tmp_path: Path
) -> None:
    batches = few(s1_epochs(items, 4, seed=7))
    whole, first, second = s1_trainer(s1_file), s1_trainer(s1_file), s1_trainer(s1_file)
    fine_tune(whole, batches, plan(2), tmp_path / "whole")
    fine_tune(first, batches, plan(1), tmp_path / "broken")
    fine_tune(second, batches, plan(2), tmp_path / "broken")
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, second.model.state_dict()[name])
    assert second.steps == whole.steps > first.steps


def test_exports_metrics_and_progress(s1_file: Path, items: list[Item], tmp_path: Path) -> None:
    seen: list[int] = []
    trainer = s1_trainer(s1_file)
    random = torch.get_rng_state()
    files = fine_tune(trainer, few(s1_epochs(items, 4, seed=7)), plan(3), tmp_path, seen.append)
    assert [path.name for path in files] == ["me-e2.ckpt", "me-e3.ckpt"]
    assert seen == [1, 2, 3]
    assert torch.equal(torch.get_rng_state(), random)
    with (tmp_path / METRICS).open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert all(float(row["loss"]) > 0 for row in rows)
    assert fine_tune(s1_trainer(s1_file), few(s1_epochs(items, 4, seed=7)), plan(3), tmp_path) == []


def test_both_players_of_s2_go_on(s2_base: Callable[..., Base], items: list[Item], tmp_path: Path) -> None:
    def trainer() -> S2Trainer:
        torch.manual_seed(0)
        return S2Trainer(
            s2_base(), Discriminators(DiscriminatorConfig((2,), width=1 / 64)), learning_rate=1e-3
        )

    batches = few(s2_epochs(items[:1], 1, seed=7))
    first, second = trainer(), trainer()
    fine_tune(first, batches, plan(1), tmp_path)
    fine_tune(second, batches, plan(1), tmp_path)
    for name in ("s2", "discriminators"):
        expected = first.modules[name].state_dict()
        assert all(torch.equal(t, expected[key]) for key, t in second.modules[name].state_dict().items())
    assert second.optimisers["s2"].param_groups[0]["lr"] < 1e-3


def test_a_damaged_state_is_named(s1_file: Path, items: list[Item], tmp_path: Path) -> None:
    (tmp_path / STATE).write_bytes(b"broken")
    with pytest.raises(CorruptFile, match="delete it to begin afresh"):
        fine_tune(s1_trainer(s1_file), few(s1_epochs(items, 4, seed=7)), plan(1), tmp_path)


@pytest.fixture
def recipe(s1_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FineTune:
    """A run of s1 over four good recordings, one that is not there and one too hurried for its words."""
    lines = []
    for number in range(4):
        sound = tiny.recording(1.2 + 0.1 * number)
        soundfile.write(tmp_path / f"{number}.wav", sound.samples, sound.rate)
        lines.append(f"{number}.wav|me|en|Hello there, my friend.")
    soundfile.write(tmp_path / "other.wav", sound.samples, sound.rate)
    lines += [
        "gone.wav|me|en|Gone.",
        "other.wav|me|en|Nobody can say so many words in so few seconds. Nobody.",
    ]
    (tmp_path / "my.list").write_text("\n".join(lines))
    content = {
        "part": "s1", "version": "v2", "base": str(s1_file), "tokenizer": str(s1_file),
        "data": str(tmp_path / "my.list"), "name": "me",
        "amount": {"epochs": 1, "save_every": 1, "batch": 2, "learning_rate": 0.002},
    }  # fmt: skip
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(content))
    tokenizer = ContentTokenizer(tiny.CONTENT, tiny.CODES).eval().requires_grad_(False)
    monkeypatch.setattr(running, "tokenizer_of", lambda recipe, base: tokenizer)
    return load_recipe(tmp_path / "recipe.yaml")


def test_from_a_list_to_a_published_file(recipe: FineTune, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    outcome = running.run(recipe, tiny.CONDITIONING, tmp_path / "run", lambda *one: told.append(one))
    *report, hurried = outcome.listing.report().splitlines()
    assert report == ["4 of 6 recordings can be used.", "line 5: there is no recording 'gone.wav'"]
    assert hurried.startswith("line 6: ")
    assert hurried.endswith("do text and recording belong together?")
    assert [path.name for path in outcome.files] == ["me-e1.ckpt"]
    assert checkpoints.read(outcome.files[0]).info == "GPT-e1"
    assert told[-1] == ("train", 1, 1)
    assert told[0] == ("prepare", 1, 5)


def test_every_prepared_item_is_read_once(
    recipe: FineTune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(running, "load_item", lambda path: (read.append(path.name), load_item(path))[1])
    outcome = running.run(recipe, tiny.CONDITIONING, tmp_path / "run")
    assert len(outcome.listing.lines) == 4
    assert sorted(read) == [f"{name}.wav.safetensors" for name in ("0", "1", "2", "3", "other")]


def test_where_nothing_can_be_learnt_every_reason_is_told_before_the_run_ends(
    recipe: FineTune, tmp_path: Path
) -> None:
    (tmp_path / "my.list").write_text(
        "other.wav|me|en|Nobody can say so many words in so few seconds. Nobody."
    )
    listed: list[str] = []
    with pytest.raises(InvalidInput, match="No recording can be learnt from"):
        running.run(
            recipe, tiny.CONDITIONING, tmp_path / "run", listed=lambda one: listed.append(one.report())
        )
    assert "line 1: " in listed[0]
