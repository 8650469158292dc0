from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from yinse.engine.models.semantic import kernels

rng = np.random.default_rng(5)


def floats(*shape: int) -> kernels.Floats:
    return rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("rows", [1, 2, 4, 5, 8])
def test_whole_weights_are_multiplied_and_scaled(rows: int) -> None:
    whole, scale, bias = rng.integers(-127, 128, (2, 5, 70), np.int8), floats(2, 5), floats(2, 5)
    x, out = floats(rows, 70), np.zeros((rows, 5), np.float32)
    for o in range(5):
        kernels.multiply((whole, scale, bias), 1, o, x, out)
    assert np.allclose(out, x @ whole[1].T.astype(np.float32) * scale[1] + bias[1], rtol=1e-4, atol=1e-3)


def test_a_sum_is_normalised_in_place() -> None:
    x, added, gain, shift = floats(3, 40), floats(3, 40), floats(2, 40), floats(2, 40)
    layer = [torch.from_numpy(part[1]) for part in (gain, shift)]
    expected = torch.layer_norm(torch.from_numpy(x + added), (40,), *layer, 1e-5)
    kernels.add_and_normalise((gain, shift, np.float32(1e-5)), 1, x, added)
    assert np.allclose(x, expected, atol=1e-5)


def test_exponentials_are_those_of_the_library() -> None:
    x = np.concatenate([np.linspace(-80, 3, 1001, dtype=np.float32), np.float32([-np.inf])])
    expected, found = np.exp(x.astype(np.float64) - 3), x.copy()
    total = kernels.exponentials(found, np.float32(3))
    assert np.abs(found[:-1] / expected[:-1] - 1).max() < 1e-5
    assert found[-1] < 1e-37
    assert total == pytest.approx(expected.sum(), rel=1e-5)


def test_bfloat16_is_rounded_as_torch_rounds_it() -> None:
    numbers = np.concatenate([floats(500), np.float32([0, 1 + 2**-8, 1 + 3 * 2**-8, -0.0])])
    found = np.array([kernels.narrowed(one) for one in numbers], np.uint16)
    assert np.array_equal(found, torch.from_numpy(numbers).bfloat16().view(torch.uint16).numpy())
    assert np.array_equal(
        [kernels.widened(one) for one in found], torch.from_numpy(found).view(torch.bfloat16).float()
    )


def test_halves_are_read_as_they_are() -> None:
    weight = torch.tensor([[1.0, -2.5, 65504.0], [2**-24, -(2**-15), 1 / 3]]).half()
    x, out = floats(3), np.zeros(2, np.float32)
    kernels.multiply_halves((weight.view(torch.uint16).numpy(), np.float32([0, 1])), x, out)
    assert np.allclose(out, weight.float().numpy() @ x + [0, 1], rtol=1e-6)


def test_a_gate_is_silu_times_the_other_half() -> None:
    wide = np.concatenate([np.float32([-200, -20, -1, 0, 1, 20, 200]), floats(7)])
    expected = torch.nn.functional.silu(torch.from_numpy(wide[:7])).numpy() * wide[7:]
    kernels.gate(wide)
    assert np.allclose(wide[:7], expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("seen", [1, 4, 11])
def test_a_head_attends_to_what_is_not_hidden(seen: int) -> None:
    q, k, v, hidden = floats(16), floats(16), floats(16), np.zeros(20, np.float32)
    hidden[: seen // 3] = -np.inf
    keys, values = (torch.from_numpy(floats(20, 16)).bfloat16() for _ in range(2))
    mixed = np.zeros(16, np.float32)
    arrays = [kept.view(torch.uint16).numpy() for kept in (keys, values)]
    kernels.attend(q, k, v, *arrays, hidden, np.empty(seen, np.float32), mixed)
    assert torch.equal(keys[seen - 1], torch.from_numpy(k).bfloat16())
    assert torch.equal(values[seen - 1], torch.from_numpy(v).bfloat16())
    scores = torch.from_numpy(q) @ keys[:seen].float().T / 4 + torch.from_numpy(hidden[:seen])
    assert np.allclose(mixed, scores.softmax(0) @ values[:seen].float(), atol=1e-5)


@pytest.fixture
def threads_of_torch() -> Iterator[None]:
    """A parallel function's first call starts numba's threads, which sets the number of an OpenMP that torch may share."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads_of_torch")
def test_where_nothing_may_be_written_it_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler, asked = kernels.njit, []

    def nowhere(*, cache: bool, **options: Any) -> Any:
        asked.append(cache)

        def refuse(function: Any) -> Any:
            raise RuntimeError(f"cannot cache function {function}: no locator available")

        return refuse if cache else compiler(**options)

    monkeypatch.setattr(kernels, "njit", nowhere)
    assert kernels.compiled(entry=True, parallel=True)(lambda x: x + x.sum())(np.ones(3)).tolist() == [
        4,
        4,
        4,
    ]
    assert asked == [True, False]
