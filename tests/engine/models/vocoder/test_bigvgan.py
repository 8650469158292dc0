"""BigVGAN: parity, names, and its anti-aliased activation."""

import json

import pytest
import torch

from published_parity import assert_same_layout, close, load, schema, seeded
from yinse.engine.models.vocoder.bigvgan import config, factory, legacy
from yinse.engine.models.vocoder.bigvgan.config import BigvganConfig
from yinse.engine.models.vocoder.bigvgan.model import BigvganGenerator, kaiser_sinc

TINY = BigvganConfig(inputs=4, channels=16, rates=(2, 2), kernels=(4, 4), block_kernels=(3,))


@pytest.fixture(scope="module")
def fixture():
    return load("bigvgan")


@pytest.fixture(scope="module")
def model(fixture):
    preset = config.from_published(json.loads(fixture.metadata["h"]))
    assert preset == config.v3()
    return seeded(lambda norm: factory.build(preset, weight_norm=norm), legacy.renames(preset))


@pytest.mark.parity
def test_published_layout():
    preset = config.v3()
    assert_same_layout(
        lambda: factory.build(preset, weight_norm=True),
        legacy.renames(preset),
        schema("bigvgan_v2_24khz_100band_256x"),
    )


@pytest.mark.parity
def test_activation(fixture, model):
    activation = model.stages[0].blocks[0].before_dilated[0]
    close(activation(fixture["act_in"]), fixture["act_out"])


@pytest.mark.parity
def test_samples(fixture, model):
    assert isinstance(model, BigvganGenerator)
    unlimited, expected = model.unlimited(fixture["mel"]), fixture["pre_clamp"]
    close(unlimited, expected, relative=True)
    close(unlimited.clamp(-1, 1), fixture["wav"], 1e-4 * float(expected.abs().max()))


def test_output_is_limited_and_upsampled():
    generator = factory.build(TINY).eval()
    samples = generator(100 * torch.randn(1, 4, 5))
    assert samples.shape == (1, 1, 5 * TINY.hop)
    assert samples.abs().max() <= 1


@pytest.mark.parametrize("pieces", [(60,), (1,) * 60, (50, 10)])
def test_any_chunking_equals_the_whole(pieces):
    torch.manual_seed(0)
    generator = factory.build(TINY).eval().requires_grad_(False)
    mel, state, parts = torch.randn(1, 4, 60), None, []
    for index, chunk in enumerate(chunks := mel.split(pieces, 2)):
        samples, state = generator.stream(chunk, state, last=index == len(chunks) - 1)
        parts.append(samples)
    close(torch.cat(parts, 2), generator(mel), 1e-5)


def test_low_pass_has_unit_gain_and_is_symmetric():
    response = kaiser_sinc(0.25, 0.3, 12)[0, 0]
    assert float(response.sum()) == pytest.approx(1.0)
    assert torch.allclose(response, response.flip(0))
