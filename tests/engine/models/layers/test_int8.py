import pytest
import torch
from torch import nn

from yinse.engine.models.layers.int8 import LARGEST, Int8Linear, rounded, store_int8, to_int8


@pytest.fixture
def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(64, 48).requires_grad_(False)


def test_weights_are_rounded_row_by_row(linear: nn.Linear) -> None:
    linear.weight.data[3] *= 1000
    whole, scale = rounded(linear.weight)
    assert whole.abs().amax(1).tolist() == [LARGEST] * 48
    assert torch.equal(whole, whole.round())
    error = (whole * scale[:, None] - linear.weight).abs()
    assert bool((error <= scale[:, None] * 0.5001).all())


def test_a_row_of_zeros_stays_zero(linear: nn.Linear) -> None:
    linear.weight.data[5] = 0
    linear.bias.data[5] = 0.25
    assert torch.allclose(Int8Linear(linear)(torch.randn(3, 64))[:, 5], torch.full((3,), 0.25))


@pytest.mark.parametrize("shape", [(1, 64), (2, 64), (2, 5, 64)])
def test_products_are_close_to_float(linear: nn.Linear, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    expected, actual = linear(x), Int8Linear(linear)(x.clone())
    assert actual.shape == expected.shape
    assert 0 < float((actual - expected).norm() / expected.norm()) < 0.02


def test_whole_numbers_are_multiplied_exactly() -> None:
    linear = nn.Linear(32, 4, bias=False).requires_grad_(False)
    linear.weight.data = torch.randint(-126, 127, (4, 32), generator=torch.Generator().manual_seed(2)).float()
    linear.weight.data[:, 0] = LARGEST
    layer = Int8Linear(linear)
    most = 63 if layer.narrow else 127
    x = torch.randint(-most, most, (2, 32), generator=torch.Generator().manual_seed(3)).float()
    x[0, 0], x[1, 0] = most, -most - 1
    assert torch.allclose(layer(x), linear(x), rtol=1e-5, atol=0.5)


def test_every_large_linear_layer_inside_is_replaced() -> None:
    inner = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    module = to_int8(nn.Sequential(nn.Linear(16, 8), inner, nn.Linear(8, 2)), smallest=32)
    assert [type(layer).__name__ for layer in module] == ["Int8Linear", "Sequential", "Linear"]
    assert isinstance(inner[0], Int8Linear)
    assert "in_features=16, out_features=8" in repr(module)
    assert not [name for name, _ in module.named_parameters() if name.startswith("0")]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("bias", [True, False])
def test_stored_in_eight_bits_it_multiplies_nearly_the_same(dtype: torch.dtype, bias: bool) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(64, 48, bias=bias), nn.ReLU()).requires_grad_(False)
    x = torch.randn(3, 5, 64)
    expected = module(x)
    stored = store_int8(module, dtype)
    actual = stored(x)
    assert actual.dtype == dtype
    assert 0 < float((actual.float() - expected).norm() / expected.norm()) < 0.02
    assert sum(buffer.nbytes for buffer in stored.buffers()) < 64 * 48 * 4 / 2
