"""s2 of v3 and v4: what must hold for any weights."""

from dataclasses import replace

import pytest
import torch

from published_parity import close
from yinse.engine.models.acoustic.s2.config import ContentEncoderConfig
from yinse.engine.models.acoustic.s2cfm import factory
from yinse.engine.models.acoustic.s2cfm.cfm import denormalise, normalise, sample
from yinse.engine.models.acoustic.s2cfm.config import DitConfig, S2CfmConfig, v3, v4
from yinse.engine.models.acoustic.s2cfm.lora import LoraLinear, merge
from yinse.engine.models.acoustic.s2cfm.state import Continuation, opening

TINY = S2CfmConfig(
    encoder=ContentEncoderConfig(
        symbols=8, content_channels=6, channels=8, hidden=16, mixer_channels=8, mixer_heads=2
    ),
    dit=DitConfig(
        bands=5, condition=8, width=16, depth=2, heads=2, hidden=32, condition_layers=1, rotary=8,
        condition_hidden=16, position_groups=4, time_channels=8,
    ),
    codes=10,
    reference_bins=7,
    style=8,
    features=8,
    smoother_depth=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return factory.build(TINY).eval().requires_grad_(False)


def noise(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def prompt(frames: int) -> Continuation:
    return Continuation(torch.rand(1, 5, frames), torch.randn(1, 8, frames))


def test_versions_differ_only_in_rates():
    assert replace(v4(), stretch=1.875, prompt_frames=468, chunk_frames=934) == v3()


def test_mel_range_maps_there_and_back():
    mel = torch.tensor([-12.0, -5.0, 2.0])
    close(normalise(mel), torch.tensor([-1.0, 0.0, 1.0]), 1e-6)
    close(denormalise(normalise(mel)), mel, 1e-5)


def test_prompt_keeps_the_last_shared_frames():
    mel, features = torch.arange(20.0).expand(1, 5, 20), torch.arange(30.0).expand(1, 8, 30)
    found = opening(mel, features, 12)
    assert found.mel_BMP[0, 0].tolist() == found.features_BEP[0, 0].tolist() == list(range(8, 20))
    assert opening(mel, features, 40).frames == 20


def test_one_chunk_is_one_run_of_the_flow(model):
    features, start = torch.randn(1, 8, 9), prompt(4)
    (mel,) = model.chunks(features, start, chunk_frames=20, steps=2, noise=noise)
    whole = torch.cat([start.features_BEP, features], 2)
    expected = sample(model.dit, whole, start.mel_BMP, noise((1, 5, 13)), steps=2)
    close(mel, expected[:, :, 4:], 0.0)


def test_chunks_continue_one_another(model):
    features, start = torch.randn(1, 8, 25), prompt(4)
    chunks = list(model.chunks(features, start, chunk_frames=14, steps=2, noise=noise))
    assert [chunk.shape[2] for chunk in chunks] == [10, 10, 5]
    second = Continuation(chunks[0][:, :, -4:], features[:, :, 6:10])
    (again,) = model.chunks(features[:, :, 10:20], second, chunk_frames=14, steps=2, noise=noise)
    close(again, chunks[1], 0.0)


def test_chunks_leave_as_they_are_made(model):
    drawn: list[tuple[int, ...]] = []

    def counted(shape: tuple[int, ...]) -> torch.Tensor:
        drawn.append(shape)
        return noise(shape)

    chunks = model.chunks(torch.randn(1, 8, 30), prompt(4), chunk_frames=14, steps=1, noise=counted)
    next(chunks)
    assert len(drawn) == 1


def test_a_prompt_must_leave_room(model):
    with pytest.raises(ValueError, match="no room"):
        next(model.chunks(torch.randn(1, 8, 3), prompt(14), chunk_frames=14, steps=1, noise=noise))


def test_only_the_first_head_feels_position(model):
    """Moving all frames changes nothing for heads that do not turn."""
    attention = model.dit.blocks[0].attention
    x, rotary = torch.randn(1, 6, 16), model.dit.rotary(12)
    early = [part[:6] for part in rotary]
    late = [part[6:] for part in rotary]
    still = [torch.ones(6, 8), torch.zeros(6, 8)]
    close(attention(x, early, None), attention(x, late, None), 1e-5)
    assert not torch.allclose(attention(x, early, None), attention(x, still, None), atol=1e-4)


def test_an_adapter_starts_as_nothing_and_merges_to_the_same():
    torch.manual_seed(3)
    base = torch.nn.Linear(6, 4)
    adapter, x = LoraLinear(base, 2), torch.randn(5, 6)
    close(adapter(x), base(x), 0.0)
    torch.nn.init.normal_(adapter.up)
    merged = merge(
        {"q.weight": base.weight, "q.bias": base.bias, "bridge.bias": torch.zeros(2)},
        {"q.down": adapter.down, "q.up": adapter.up, "bridge.bias": torch.ones(2)},
    )
    close(torch.nn.functional.linear(x, merged["q.weight"], merged["q.bias"]), adapter(x), 1e-5)
    assert merged["bridge.bias"].tolist() == [1.0, 1.0]
    assert not base.weight.requires_grad
