import pytest
import torch
from torch import nn

from yinse.engine.models.layers import int8
from yinse.engine.models.layers.int8 import LARGEST, Int8Stored, rounded, store_int8


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
    layer = Int8Stored(linear, torch.float32)
    assert torch.allclose(layer(torch.randn(3, 64))[:, 5], torch.full((3,), 0.25))


@pytest.mark.parametrize("rows", [1, 7, 48])
def test_a_large_weight_is_widened_in_parts(
    linear: nn.Linear, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    layer, x = Int8Stored(linear, torch.float32), torch.randn(2, 3, 64)
    whole = layer(x)
    monkeypatch.setattr(int8, "WIDENED", rows * 64 + 5)
    assert torch.allclose(layer(x), whole, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("asked", [torch.float32, torch.bfloat16])
def test_stored_in_eight_bits_it_multiplies_nearly_the_same(
    dtype: torch.dtype, bias: bool, asked: torch.dtype
) -> None:
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Linear(64, 48, bias=bias), nn.ReLU())
    module = nn.Sequential(inner, nn.LayerNorm(48)).requires_grad_(False)
    x = torch.randn(3, 5, 64)
    expected = inner(x)
    store_int8(module, dtype)
    actual = inner(x.to(asked))
    assert actual.dtype == asked
    assert 0 < float((actual.float() - expected).norm() / expected.norm()) < 0.02
    assert sum(buffer.nbytes for buffer in module.buffers()) < 64 * 48 * 4 / 2
