"""The HiFi-GAN generator: parity of the published vocoder, names, streaming."""

import pytest
import torch

from published_parity import assert_same_layout, close, load, schema, seeded
from yinse.engine.models.vocoder.hifigan import config, factory, legacy
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator

TINY = HifiganConfig(inputs=6, channels=16, rates=(4, 2), kernels=(8, 4), block_kernels=(3, 5), condition=5)


def make(size: HifiganConfig, seed: int = 0) -> HifiganGenerator:
    torch.manual_seed(seed)
    return factory.build(size).eval().requires_grad_(False)


@pytest.mark.parity
def test_v4_vocoder():
    preset = config.v4()
    model = seeded(
        lambda norm: factory.build(preset, weight_norm=norm), legacy.renames(preset), weight_norm=False
    )
    fixture = load("vocoder_v4")
    close(model(fixture["mel"]), fixture["wav"])


@pytest.mark.parity
@pytest.mark.parametrize("name", ["vocoder_v4", "vocoder_v4_with_weight_norm"])
def test_published_layout(name):
    preset = config.v4()
    published = schema(name)
    norm = any(key.endswith("weight_g") for key in published)
    plain = ("conv_pre", "conv_post")
    if norm and any(f"{part}.weight_g" in published for part in plain):
        pytest.skip("the training layout also norms the ends, which no file does")
    assert_same_layout(lambda: factory.build(preset, weight_norm=norm), legacy.renames(preset), published)


def test_one_frame_becomes_hop_samples():
    model = make(TINY)
    samples = model(torch.randn(2, 6, 7), torch.randn(2, 5, 1))
    assert samples.shape == (2, 1, 7 * TINY.hop)
    assert samples.abs().max() <= 1


def test_condition_changes_the_voice():
    model, frames = make(TINY), torch.randn(1, 6, 9)
    first, second = (model(frames, torch.full((1, 5, 1), value)) for value in (0.0, 1.0))
    assert not torch.allclose(first, second)


@pytest.mark.parametrize("pieces", [(40,), (1,) * 40, (13, 1, 26), (25, 15)])
def test_any_chunking_equals_the_whole(pieces):
    model, condition = make(TINY), torch.randn(1, 5, 1)
    frames = torch.randn(1, 6, 40, generator=torch.Generator().manual_seed(1))
    state, parts = None, []
    chunks = frames.split(pieces, 2)
    for index, chunk in enumerate(chunks):
        samples, state = model.stream(chunk, state, condition, last=index == len(chunks) - 1)
        parts.append(samples)
    close(torch.cat(parts, 2), model(frames, condition), 1e-5)


def test_first_samples_leave_before_the_end():
    model, frames = make(TINY), torch.randn(1, 6, 40)
    samples, _ = model.stream(frames, None, torch.zeros(1, 5, 1), last=False)
    assert samples.shape[2] == (40 - model.reach) * TINY.hop


@pytest.mark.parametrize(
    "sizes",
    [
        {"rates": (8,), "kernels": (16, 4)},
        {"rates": (8,), "kernels": (15,)},
        {"rates": (8,), "kernels": (4,)},
    ],
)
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="kernels"):
        HifiganConfig(**sizes)
