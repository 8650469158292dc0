from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published import checkpoint as checkpoints
from yinse.engine.checkpoints.published import writer
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.checkpoints.published.convert import load_model, to_part
from yinse.engine.models.semantic.s1.model import CachedAttention
from yinse.training.published.base import Base, load_base
from yinse.training.published.batches import collate_s1
from yinse.training.published.items import Item
from yinse.training.published.recipe import FIXED, PUBLISHED, Rules
from yinse.training.published.s1 import S1Trainer


@pytest.fixture
def base(s1_file: Path) -> Base:
    return load_base(s1_file, Kind.S1, "v2")


def trainer(base: Base, rules: Rules = FIXED) -> S1Trainer:
    return S1Trainer(base, rules, learning_rate=0.002)


def without_dropout(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, CachedAttention):
            module.dropout = 0.0


def test_it_learns_an_utterance_by_heart(base: Base, items: list[Item]) -> None:
    torch.manual_seed(0)
    learner, batch = S1Trainer(base, FIXED, learning_rate=0.05), collate_s1(items[:1])
    losses = [learner.step(batch, index)["loss"] for index in range(60)]
    assert losses[-1] < losses[0] - 0.1


def test_the_optimiser_steps_after_every_fourth_batch(base: Base, items: list[Item]) -> None:
    learner, batch = trainer(base), collate_s1(items[:1])
    rates = []
    for index in range(9):
        learner.step(batch, index)
        rates.append((learner.steps, learner.optimisers["s1"].param_groups[0]["lr"]))
    assert [steps for steps, _ in rates] == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert rates[3][1] == 0.01
    assert rates[4][1] == 0.002
    learner.end_epoch()
    assert learner.steps == 2
    learner.step(batch, 0)
    learner.end_epoch()
    assert learner.steps == 3


def test_defects_change_the_loss_of_padded_batches_alone(
    base: Base, make_utterance: Callable[..., Item]
) -> None:
    even = collate_s1([make_utterance(1), make_utterance(2)])
    uneven = collate_s1([make_utterance(1), make_utterance(2, 30, 8)])
    found = {}
    for name, rules in (("fixed", FIXED), ("published", PUBLISHED)):
        learner = trainer(base, rules)
        without_dropout(learner.model)
        found[name] = [learner.step(batch, 0)["loss"] for batch in (even, uneven)]
    assert found["fixed"][0] == pytest.approx(found["published"][0], rel=1e-5)
    assert found["fixed"][1] != pytest.approx(found["published"][1], rel=1e-3)


def test_a_diverged_loss_stops_the_run(base: Base, items: list[Item]) -> None:
    learner = trainer(base)
    learner.model.head.weight.data.fill_(float("nan"))
    with pytest.raises(InvalidInput, match="lower the learning rate"):
        learner.step(collate_s1(items[:1]), 0)


def test_the_exported_file_is_a_published_one(base: Base, items: list[Item], tmp_path: Path) -> None:
    learner = trainer(base)
    for index in range(5):
        learner.step(collate_s1(items[:1]), index)
    path = tmp_path / learner.file_name("me", 2)
    writer.write(learner.checkpoint(2), path)
    assert path.name == "me-e2.ckpt"
    read = checkpoints.read(path)
    assert read.info == "GPT-e2"
    loaded = load_model(to_part(read))
    expected = {name: t.half().float() for name, t in learner.model.state_dict().items()}
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, expected[name])
    assert any(not torch.equal(expected[name], t.float()) for name, t in base.part.tensors.items())


def test_another_kind_of_file_is_refused(s1_file: Path) -> None:
    with pytest.raises(InvalidInput, match="is s1, but s2 is to be trained"):
        load_base(s1_file, Kind.S2, "v2")
