import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

import published_parity as parity
from tiny_published import DECODER
from yinse.engine.models.vocoder.hifigan import config, factory, legacy
from yinse.engine.models.vocoder.hifigan.fast import WINDOWS, FastHifigan, as_pictures
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator

SMALL = replace(DECODER, rates=(10, 8), kernels=(16, 16), block_kernels=(3, 5))
"""Whose samples see no more frames than a window has."""


@pytest.fixture
def plain() -> HifiganGenerator:
    torch.manual_seed(0)
    return factory.build(DECODER).eval().requires_grad_(False)


@pytest.fixture
def frames() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 8, 40, generator=generator), torch.randn(2, 8, 1, generator=generator)


def noise_ratio(expected: Tensor, actual: Tensor) -> float:
    """Energy of the difference over that of the signal."""
    return float((actual - expected).square().sum() / expected.square().sum())


def test_another_layout_gives_the_same_sound(plain: HifiganGenerator, frames: tuple[Tensor, Tensor]) -> None:
    expected = plain(*frames)
    fast = FastHifigan(copy.deepcopy(plain))
    assert torch.allclose(fast(*frames), expected, atol=1e-6)
    assert (fast.hop, fast.reach) == (plain.hop, plain.reach)


def test_half_the_bits_add_little_noise(plain: HifiganGenerator, frames: tuple[Tensor, Tensor]) -> None:
    expected = plain(*frames)
    actual = FastHifigan(plain, dtype=torch.bfloat16)(*frames)
    assert actual.dtype == torch.float32
    assert 0 < noise_ratio(expected, actual) < 1e-3


def test_pieces_equal_the_whole(plain: HifiganGenerator, frames: tuple[Tensor, Tensor]) -> None:
    fast = FastHifigan(plain)
    x_BCT, condition = frames
    state, pieces = None, []
    for start in (0, 13, 30):
        end = {0: 13, 13: 30, 30: 40}[start]
        samples, state = fast.stream(x_BCT[:, :, start:end], state, condition, last=end == 40)
        pieces.append(samples)
    assert torch.allclose(torch.cat(pieces, 2), fast(x_BCT, condition), atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 39, 40, 41, 95, 96, 97, 170, 250])
def test_windows_equal_the_whole(count: int) -> None:
    torch.manual_seed(0)
    plain = factory.build(SMALL).eval().requires_grad_(False)
    frames, condition = torch.randn(1, 8, count), torch.randn(1, 8, 1)
    samples = FastHifigan(copy.deepcopy(plain))(frames, condition)
    if count:
        assert torch.allclose(samples, plain(frames, condition), atol=1e-6)
    assert samples.shape == (1, 1, count * plain.hop)


def test_layers_meet_few_lengths_whatever_is_spoken() -> None:
    fast = FastHifigan(factory.build(SMALL).eval())
    assert 2 * fast.reach < WINDOWS[0]
    met: set[tuple[int, int]] = set()
    for layer in fast.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda layer, given, _: met.add((id(layer), given[0].shape[-1])))
    for count in range(1, 300, 7):
        fast(torch.randn(1, 8, count), torch.randn(1, 8, 1))
    layers = {layer for layer, _ in met}
    assert len(met) == len(WINDOWS) * len(layers) > 0


def test_padding_by_name_is_refused() -> None:
    with pytest.raises(ValueError, match="'same' is not a number"):
        as_pictures(nn.Sequential(nn.Conv1d(2, 2, 3, padding="same")))


@pytest.fixture(scope="module")
def published() -> HifiganGenerator:
    preset = config.v4()
    model = parity.seeded(lambda _: factory.build(preset), legacy.renames(preset), weight_norm=False)
    assert isinstance(model, HifiganGenerator)
    return model


@pytest.mark.parity
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.bfloat16, 0.02)])
def test_published_vocoder(published: HifiganGenerator, dtype: torch.dtype, tolerance: float) -> None:
    fixture = parity.load("vocoder_v4")
    fast = FastHifigan(copy.deepcopy(published), dtype=dtype)
    parity.close(fast(fixture["mel"]), fixture["wav"], tolerance)
