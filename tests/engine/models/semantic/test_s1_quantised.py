from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

import published_parity as parity
from tiny_published import S1
from yinse.engine.models.layers.int8 import rounded
from yinse.engine.models.semantic.s1 import config, factory, legacy
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.semantic.s1.quantised import KEPT, Int8S1
from yinse.engine.models.semantic.s1.state import S1Input


def tiny() -> S1Model:
    torch.manual_seed(3)
    return factory.build(S1).eval().requires_grad_(False)


def utterance(seed: int, phones: int, prompt: int, codes: int = S1.codes) -> S1Input:
    generator = torch.Generator().manual_seed(seed)
    return S1Input(
        torch.randint(0, 700, (phones,), generator=generator),
        torch.randn(1024, phones, generator=generator),
        torch.randint(0, codes, (prompt,), generator=generator),
    )


@torch.inference_mode()
def forced(model: S1Model, inputs: list[S1Input], tokens_BT: Tensor) -> Tensor:
    """Scores after the prompt and after each forced token: (B, T + 1, V)."""
    logits, state = model.prefill(inputs, tokens_BT.shape[1])
    found = [logits]
    for tokens_B in tokens_BT.unbind(1):
        logits, state = model.step(tokens_B, state)
        found.append(logits)
    return torch.stack(found, 1)


@torch.no_grad()
def with_whole_weights(model: S1Model) -> S1Model:
    """The same model in float32 whose weights are those that 8 bits leave."""
    for block in model.blocks:
        for layer in block.modules():
            if isinstance(layer, nn.Linear):
                whole, scale = rounded(layer.weight)
                layer.weight.copy_(whole * scale[:, None])
    return model


@pytest.mark.parametrize("rows", [1, 3, 4, 6])
def test_a_compiled_step_equals_the_published_models_with_the_same_weights(rows: int) -> None:
    """But for keys and values in bfloat16, which have three digits."""
    inputs = [utterance(row, 9 - row, 6) for row in range(rows)]
    model, quick = with_whole_weights(tiny()), Int8S1(tiny())
    with torch.inference_mode():
        _, state = model.prefill(inputs, 4)
        kept = replace(state, keys_NBHSD=state.keys_NBHSD.to(KEPT), values_NBHSD=state.values_NBHSD.to(KEPT))
        for tokens in torch.randint(0, S1.codes, (4, rows), generator=torch.Generator().manual_seed(4)):
            expected, state = model.step(tokens, state)
            found, kept = quick.step(tokens, kept)
            assert float((found - expected).norm() / expected.norm()) < 0.005


def test_threads_change_nothing_and_may_step_at_once() -> None:
    model, inputs = Int8S1(tiny()), [utterance(1, 9, 6)]
    tokens = torch.randint(0, S1.codes, (1, 12), generator=torch.Generator().manual_seed(4))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: forced(model, inputs, tokens), range(8)))
    before = torch.get_num_threads()
    other = 2 if before == 1 else 1
    torch.set_num_threads(other)
    try:
        found.append(forced(model, inputs, tokens))
        assert torch.get_num_threads() == other
    finally:
        torch.set_num_threads(before)
    # What reads the prompt may add in another order; the steps may not.
    assert all(torch.equal(one, found[0]) for one in found[:-1])
    assert torch.allclose(found[-1], found[0], rtol=0.02, atol=1e-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_scores_stay_close_to_float(dtype: torch.dtype) -> None:
    inputs = [utterance(1, 9, 6)]
    tokens = torch.randint(0, S1.codes, (1, 12), generator=torch.Generator().manual_seed(4))
    exact = forced(tiny(), inputs, tokens)
    quantised = forced(Int8S1(tiny(), dtype=dtype), inputs, tokens)
    assert 0 < float((quantised - exact).norm() / exact.norm()) < 0.05


def test_padding_of_shorter_rows_is_not_seen() -> None:
    long, short = utterance(1, 12, 10), utterance(2, 5, 4)
    tokens = torch.randint(0, S1.codes, (2, 5), generator=torch.Generator().manual_seed(4))
    model = Int8S1(tiny())
    together, alone = forced(model, [long, short], tokens)[1:], forced(model, [short], tokens[1:])
    assert float((together - alone).norm() / alone.norm()) < 0.05


def test_a_state_that_grew_and_lost_rows_goes_on() -> None:
    model = Int8S1(tiny())
    inputs = [utterance(1, 9, 6), utterance(2, 5, 4)]
    logits, state = model.prefill(inputs, 0)
    state = state.with_room(4).rows([1])
    found, _ = model.step(logits.argmax(1)[1:], state)
    _, alone = model.prefill(inputs[1:], 1)
    expected, _ = model.step(logits.argmax(1)[1:], alone)
    assert state.keys_NBHSD.dtype == torch.bfloat16
    assert float((found - expected).norm() / expected.norm()) < 0.05


def test_a_full_state_is_refused() -> None:
    model = Int8S1(tiny())
    logits, state = model.prefill([utterance(1, 4, 3)], 0)
    with pytest.raises(ValueError, match="full at 7 positions"):
        model.step(logits.argmax(1), state)


@pytest.mark.parity
def test_scores_of_the_real_size_stay_close_to_the_published_ones() -> None:
    """The error is 0.018, and 0.97 of the likeliest are shared."""
    fixture = parity.load("s1_v2")
    model = Int8S1(parity.seeded(lambda _: factory.build(config.v2()), legacy.RENAMES))
    exact = fixture["forced_logits"]
    inputs = [
        S1Input(fixture["phones"].flatten(), fixture["bert"].reshape(1024, -1), fixture["prompt"].flatten())
    ]
    quantised = forced(model, inputs, fixture["forced_tokens"].reshape(1, -1))[0]
    error = quantised - exact
    assert float(error.norm() / exact.norm()) < 0.025
    first, second = exact.topk(2).values.unbind(-1)
    sure = first - second > 5 * error.std()
    assert int(sure.sum()) >= len(exact) // 4
    assert torch.equal(quantised.argmax(-1)[sure], exact.argmax(-1)[sure]), (
        "only near ties may be decided otherwise"
    )
    shared = (quantised.topk(15).indices[:, :, None] == exact.topk(15).indices[:, None]).any(2)
    assert float(shared.float().mean()) >= 0.94
