"""A step of every part on a device that is not the CPU: a tensor made in the wrong place makes it fail."""

from contextlib import nullcontext

import pytest
import torch

from yinse.training.registry import assemble

PARTS = ("codec", "codec_hifigan", "content", "speaker", "semantic", "acoustic")


@pytest.mark.parametrize("name", PARTS)
def test_a_step_is_made_where_the_batch_lies(make_recipe, monkeypatch, name):
    assembly = assemble(make_recipe(name))
    task = assembly.task.eval().to("meta")
    batch = {key: value.to("meta") for key, value in next(iter(assembly.train)).items()}
    monkeypatch.setattr(torch, "autocast", lambda *options, **more: nullcontext())  # knows no such device
    losses = task.losses(batch, 0)
    assert {value.device.type for value in losses.values()} == {"meta"}
