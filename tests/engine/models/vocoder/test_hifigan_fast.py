import copy

import pytest
import torch
from torch import Tensor, nn

import published_parity as parity
from tiny_published import DECODER
from yinse.engine.models.vocoder.hifigan import config, factory, legacy
from yinse.engine.models.vocoder.hifigan.fast import FastHifigan, as_pictures
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator


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
