"""Small SoVITS models of both geometries."""

from dataclasses import replace

import pytest

from yinse.engine.models.acoustic.sovits.config import (
    DiffusionConfig,
    FlowConfig,
    SovitsConfig,
    base,
    reference,
)

SMALL = {
    "inter_channels": 6,
    "hidden_channels": 8,
    "hidden": 8,
    "token_channels": 8,
    "token_hidden": 8,
    "token_depth": 2,
    "frame_depth": 1,
    "heads": 2,
    "speaker": 5,
    "flow": FlowConfig(steps=2, channels=8, hidden=8, depth=1, kernel=3),
    "diffusion": DiffusionConfig(channels=8, heads=2, depth=1, hidden=8, patch=2),
}


@pytest.fixture(params=[base, reference], ids=["base", "reference"])
def geometry(request: pytest.FixtureRequest) -> SovitsConfig:
    """Four frames to a token, and 6.89 of them."""
    return replace(request.param(20), **SMALL)


@pytest.fixture
def small() -> SovitsConfig:
    """The base geometry."""
    return replace(base(20), **SMALL)
