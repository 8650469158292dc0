import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from yinse.engine.checkpoints.published.checkpoint import Checkpoint
from yinse.engine.checkpoints.published.families import speaking_model
from yinse.engine.checkpoints.published.version import identify
from yinse.engine.models.acoustic.s2cfm.legacy import LORA_RENAMES
from yinse.engine.models.acoustic.s2cfm.lora import merge
from yinse.engine.models.acoustic.s2cfm.model import S2CfmModel
from yinse.training.published.base import Base
from yinse.training.published.batches import collate_s2
from yinse.training.published.items import Item
from yinse.training.published.lora import BESIDE, LoraTrainer, flow_loss, flowing, large_steps


def trained(base: Base, items: list[Item], steps: int = 3) -> LoraTrainer:
    torch.manual_seed(0)
    learner = LoraTrainer(base, rank=4, learning_rate=1e-2)
    for index in range(steps):
        assert math.isfinite(learner.step(collate_s2(items[:2]), index)["loss"])
    return learner


def test_only_adapters_and_the_parts_before_the_flow_move(flow_base: Base, items: list[Item]) -> None:
    learner = LoraTrainer(flow_base, rank=4, learning_rate=1e-2)
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    torch.manual_seed(0)
    for index in range(3):
        learner.step(collate_s2(items[:2]), index)
    after = learner.model.state_dict()
    moved = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert all(name.endswith((".down", ".up")) or name.startswith(BESIDE) for name in moved)
    assert any(name.endswith(".up") for name in moved)
    assert any(name.startswith("style.") for name in moved)
    assert not any(name.startswith("mel_head.") for name in moved)


def test_the_file_merged_into_its_base_is_what_was_trained(flow_base: Base, items: list[Item]) -> None:
    learner = trained(flow_base, items)
    learner.model.eval()
    exported = learner.checkpoint(2)
    assert (exported.header, exported.lora_rank) == ("03", 4)
    assert learner.file_name("me", 2) == "me_e2_s3_l4.pth"
    merged = speaking_model(
        flow_base.family, merge(flow_base.part.tensors, LORA_RENAMES.import_(exported.tensors))
    )
    assert isinstance(merged, S2CfmModel)
    batch = collate_s2(items[:1])
    found = []
    for model in (learner.model, merged):
        torch.manual_seed(3)
        with torch.no_grad():
            found.append(float(flow_loss(model.dit, flowing(model, batch, "v3", torch.device("cpu")))))
    assert found[0] == pytest.approx(found[1], rel=1e-2)
    torch.manual_seed(3)
    untrained = flow_base.model().eval()
    assert isinstance(untrained, S2CfmModel)
    with torch.no_grad():
        other = float(flow_loss(untrained.dit, flowing(untrained, batch, "v3", torch.device("cpu"))))
    assert abs(other - found[0]) > abs(found[1] - found[0])


def test_the_file_is_recognised_as_an_adapter(flow_base: Base, items: list[Item]) -> None:
    exported: Checkpoint = trained(flow_base, items, 1).checkpoint(1)
    identity = identify(exported)
    assert (identity.version, identity.lora) == ("v3", True)


def test_neither_prompt_nor_padding_is_learnt(flow_base: Base, make_utterance: Callable[..., Item]) -> None:
    model = flow_base.model().eval()
    assert isinstance(model, S2CfmModel)
    batch = collate_s2([make_utterance(1, 40), make_utterance(2, 30)])
    torch.manual_seed(0)
    with torch.no_grad():
        clean = flowing(model, batch, "v3", torch.device("cpu"))
        assert clean.real_BN.sum(1).tolist() == [150, 112]
        assert bool((clean.prompt_BN.sum(1) <= clean.real_BN.sum(1) * 2 / 3).all())
        hidden = replace(clean, prompt_BN=clean.real_BN)
        assert float(flow_loss(model.dit, hidden)) == 0.0


def test_large_steps_are_powers_of_two() -> None:
    torch.manual_seed(0)
    steps = large_steps(500, torch.device("cpu"))
    assert sorted(set(steps.tolist())) == [2.0**-power for power in (7, 6, 5, 4, 3, 2)]


def test_the_flow_is_learnt(flow_base: Base, items: list[Item]) -> None:
    torch.manual_seed(0)
    learner = LoraTrainer(flow_base, rank=4, learning_rate=1e-2)
    losses = [learner.step(collate_s2(items[:2]), index)["loss"] for index in range(16)]
    assert sum(losses[-5:]) < sum(losses[:5])
    rate = learner.optimisers["s2"].param_groups[0]["lr"]
    learner.end_epoch()
    assert learner.optimisers["s2"].param_groups[0]["lr"] < rate
