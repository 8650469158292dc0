"""ERes2NetV2: parity of the speaker embedding, names."""

import pytest
import torch

from published_parity import assert_same_layout, close, load, schema, seeded
from yinse.engine.audio.features import filter_bank
from yinse.engine.models.speaker.eres2netv2 import config, factory, legacy
from yinse.engine.models.speaker.eres2netv2.config import Eres2NetV2Config


@pytest.mark.parity
def test_published_layout():
    assert_same_layout(
        lambda: factory.build(config.w24s4ep4()), legacy.RENAMES, schema("eres2netv2_w24s4ep4")
    )


@pytest.mark.parity
def test_embedding():
    fixture = load("eres2netv2")
    model = seeded(lambda _: factory.build(config.w24s4ep4()), legacy.RENAMES, weight_norm=False)
    close(model(fixture["fbank"]), fixture["emb"], relative=True)
    close(filter_bank(fixture["w16"]), fixture["fbank"])
    close(model(filter_bank(fixture["w16"])), fixture["emb"], relative=True)


def test_embedding_has_the_configured_width():
    tiny = Eres2NetV2Config(bands=16, channels=8, base_width=16, scale=2, blocks=(1, 1, 1, 1))
    model = factory.build(tiny).eval()
    assert model(torch.randn(2, 24, 16)).shape == (2, tiny.vector)
