"""Low-rank updates: nothing at first, small, merged as the engine merges them."""

import pytest
import torch
from torch import nn

from yinse.engine.checkpoints.adapter import DOWN, UP
from yinse.training.lora import inject, updates


@pytest.fixture
def module() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 4), nn.Conv1d(3, 3, 1), nn.Linear(4, 2))


def test_it_starts_as_no_change_and_freezes_the_rest(module):
    x = torch.randn(5, 6)
    before = module[2](module[0](x))
    assert inject(module, 3) == 2
    torch.testing.assert_close(module[2](module[0](x)), before)
    free = {name for name, one in module.named_parameters() if one.requires_grad}
    assert {name.rpartition(".")[2] for name in free} == {"down", "up"}
    assert len(free) == 4


def test_the_rank_is_at_most_the_smaller_side(module):
    inject(module, 3)
    found = updates(module, "part")
    assert found["part.0.weight" + DOWN].shape == (3, 6)
    assert found["part.2.weight" + DOWN].shape == (2, 4)


def test_the_factors_give_the_changed_weight(module):
    plain = module[0].weight.detach().clone()
    inject(module, 3)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("up"):
                parameter.normal_()
    found = updates(module, "part")
    assert set(found) == {f"part.{index}.weight{kind}" for index in (0, 2) for kind in (DOWN, UP)}
    merged = plain + found["part.0.weight" + UP] @ found["part.0.weight" + DOWN]
    x = torch.randn(5, 6)
    torch.testing.assert_close(module[0](x), nn.functional.linear(x, merged, module[0].bias))
    assert torch.equal(module[0].weight, plain)
