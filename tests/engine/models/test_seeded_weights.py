"""The rule that regenerates seeded weights: another salt is another set of weights, all of them."""

import pytest
import torch
from torch import nn

import published_parity as parity
import tiny_published as tiny
from yinse.engine.models.acoustic.s2 import factory as s2_factory
from yinse.engine.models.acoustic.s2 import legacy as s2_legacy
from yinse.engine.models.layers.published.renames import Renames
from yinse.engine.models.semantic.s1 import factory as s1_factory
from yinse.engine.models.semantic.s1 import legacy as s1_legacy

GIVEN = ("codebook.usage", "codebook.initialised")
"""What the rule sets to one, whatever it is called."""


def s1() -> nn.Module:
    return parity.seeded(lambda _: s1_factory.build(tiny.S1), s1_legacy.RENAMES, weight_norm=False)


def s2() -> nn.Module:
    names: Renames = s2_legacy.renames(tiny.S2)
    return parity.seeded(lambda norm: s2_factory.build(tiny.S2, posterior=True, weight_norm=norm), names)


@pytest.mark.parametrize("make", [s1, s2])
def test_every_weight_follows_the_salt(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "SALT", "")
    plain, again = make().state_dict(), make().state_dict()
    monkeypatch.setattr(parity, "SALT", "other")
    salted = make().state_dict()
    assert all(torch.equal(plain[name], again[name]) for name in plain)
    same = [name for name in plain if torch.equal(plain[name], salted[name])]
    assert [name for name in same if not name.endswith(GIVEN)] == []


def test_a_value_is_drawn_from_the_checksum_of_salt_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "SALT", "")
    plain = parity._normal("other.name", (3,))
    monkeypatch.setattr(parity, "SALT", "other")
    assert torch.equal(parity._normal(".name", (3,)), plain)
    assert not torch.equal(parity._normal("other.name", (3,)), plain)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("error", [2e-4, -2e-4, float("nan"), float("inf")])
def test_one_value_that_differs_is_noticed(error: float, relative: bool) -> None:
    expected = torch.linspace(-1, 1, 9).reshape(1, 3, 3)
    actual = expected.clone()
    parity.close(actual, expected, relative=relative)
    actual[0, 1, 2] += error
    with pytest.raises(AssertionError):
        parity.close(actual, expected, relative=relative)
    with pytest.raises(AssertionError):
        parity.close(expected[0], expected, relative=relative)
