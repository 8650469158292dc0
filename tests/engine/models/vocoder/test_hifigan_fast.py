import copy
from collections import Counter
from dataclasses import replace
from statistics import mean
from typing import Self

import pytest
import torch
from torch import Tensor, nn

import published_parity as parity
from tiny_published import DECODER
from yinse.engine.models.vocoder.hifigan import config, factory, legacy
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.engine.models.vocoder.hifigan.fast import FIRST_STEPS, LATER_STEPS, FastHifigan, as_pictures
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator

NARROW = [
    replace(config.s2(), inputs=8, channels=32, condition=8),
    replace(config.v4(), inputs=8, channels=32, condition=8),
]
"""Published generators with a sixteenth of their channels: their samples see as many frames as those of the real ones."""
EDGES = [0, 1, 5, 6, 7, 12, 13, 31, 32, 33, 48, 50, 68, 69, 140, 141, 259, 260, 261, 300, 520]
"""Counts of frames around the sizes of windows, and several windows."""


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


def narrow(preset: HifiganConfig) -> HifiganGenerator:
    """A generator whose layers keep the level of what they are given, so that far frames are heard."""
    torch.manual_seed(0)
    model = factory.build(preset).eval().requires_grad_(False)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            parameter.normal_(0.0, parameter[0].numel() ** -0.5)
    return model


def given(count: int, batch: int = 1) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(count)
    return torch.randn(batch, 8, count, generator=generator), torch.randn(batch, 8, 1, generator=generator)


@pytest.fixture(scope="module", params=NARROW, ids=["s2", "v4"])
def pair(request: pytest.FixtureRequest) -> tuple[HifiganGenerator, FastHifigan]:
    """The same generator plain and fast."""
    plain = narrow(request.param)
    return plain, FastHifigan(copy.deepcopy(plain))


@pytest.mark.parametrize("count", EDGES)
def test_windows_equal_the_whole(pair: tuple[HifiganGenerator, FastHifigan], count: int) -> None:
    plain, fast = pair
    samples = fast(*given(count))
    assert samples.shape == (1, 1, count * plain.hop)
    if count:
        assert noise_ratio(plain(*given(count)), samples) < 1e-11


def test_windows_equal_the_whole_in_a_batch(pair: tuple[HifiganGenerator, FastHifigan]) -> None:
    plain, fast = pair
    assert noise_ratio(plain(*given(70, batch=3)), fast(*given(70, batch=3))) < 1e-11


@pytest.mark.parametrize("side", [0, -1])
@pytest.mark.parametrize("preset", NARROW, ids=["s2", "v4"])
def test_the_farthest_frames_are_seen(preset: HifiganConfig, side: int) -> None:
    plain = narrow(preset)
    for layer in convolutions(plain):
        if isinstance(layer, nn.Conv1d):
            only = torch.zeros_like(layer.weight)
            only[:, :, side] = layer.weight[:, :, side] * layer.kernel_size[0] ** 0.5
            layer.weight.copy_(only)
    fast = FastHifigan(copy.deepcopy(plain))
    assert noise_ratio(plain(*given(520)), fast(*given(520))) < 1e-11


@pytest.mark.parametrize(
    ("count", "first", "last"), [(30, 0, 24), (150, 44, 144), (150, 44, 150), (40, 39, 40), (300, 7, 290)]
)
def test_some_frames_are_those_of_the_whole(
    pair: tuple[HifiganGenerator, FastHifigan], count: int, first: int, last: int
) -> None:
    plain, _ = pair
    whole = plain(*given(count))[:, :, first * plain.hop : last * plain.hop]
    for model in pair:
        x_BCT, condition = given(count)
        assert noise_ratio(whole, model.between(x_BCT, first, last, condition)) < 1e-11
        assert model.between(x_BCT, last, last, condition).shape == (1, 1, 0)


def convolutions(module: nn.Module) -> list[nn.Module]:
    """All over time; the one of the condition sees a single frame."""
    kinds = nn.Conv1d | nn.Conv2d | nn.ConvTranspose1d | nn.ConvTranspose2d
    return [
        layer for name, layer in module.named_modules() if isinstance(layer, kinds) and name != "condition"
    ]


def test_layers_meet_few_lengths_whatever_is_spoken() -> None:
    fast = FastHifigan(narrow(NARROW[0]))
    met: set[tuple[int, int]] = set()
    for layer in convolutions(fast):
        layer.register_forward_hook(lambda layer, given, _: met.add((id(layer), given[0].shape[-1])))
    for count in range(1, 300, 13):
        fast(*given(count))
    lengths = Counter(layer for layer, _ in met)
    first = {id(layer) for layer in (fast.enter, *convolutions(fast.stages[0]))}
    assert len(lengths) == len(convolutions(fast))
    assert max(lengths[layer] for layer in first) <= len(FIRST_STEPS)
    assert max(lengths[layer] for layer in lengths.keys() - first) <= len(LATER_STEPS)


class Work:
    """Multiplications of a generator's convolutions while this is open."""

    def __init__(self, model: HifiganGenerator) -> None:
        self.layers = convolutions(model)
        self.done = 0

    def __enter__(self) -> Self:
        self.hooks = [layer.register_forward_hook(self._count) for layer in self.layers]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self.hooks:
            hook.remove()

    def _count(self, layer: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
        upwards = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d)
        frames = (given[0] if upwards else made).shape[-1]
        self.done += frames * layer.get_parameter("weight").numel()


def wasted(pair: tuple[HifiganGenerator, FastHifigan], count: int, first: int, last: int) -> float:
    """Work of the fast generator for some frames, beyond that of the plain one for as many."""
    plain, fast = pair
    x_BCT, condition = given(count)
    with Work(plain) as one_frame:
        plain(x_BCT[:, :, :1], condition)
    with Work(fast) as work:
        fast.between(x_BCT, first, last, condition)
    return work.done / (one_frame.done * (last - first)) - 1


def test_hardly_any_work_is_thrown_away(pair: tuple[HifiganGenerator, FastHifigan]) -> None:
    shares = [wasted(pair, count, 0, count) for count in (101, 122, 143, 174, 205, 250, 267, 318)]
    assert max(shares) < 0.1
    assert mean(shares) < 0.06
    assert wasted(pair, 50, 0, 50) < 0.16


def test_pieces_of_a_stream_cost_little_more_than_their_frames(
    pair: tuple[HifiganGenerator, FastHifigan],
) -> None:
    assert wasted(pair, 30, 0, 24) < 0.15
    assert wasted(pair, 150, 44, 144) < 0.15


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
