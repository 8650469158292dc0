"""s2 of v3 and v4 against the published fixtures."""

import pytest
import torch
from torch.nn import functional as F

from published_parity import Fixture, assert_same_layout, close, load, schema, seeded
from yinse.engine.models.acoustic.s2cfm import config, factory, legacy
from yinse.engine.models.acoustic.s2cfm.cfm import sample
from yinse.engine.models.acoustic.s2cfm.lora import LoraLinear
from yinse.engine.models.acoustic.s2cfm.model import S2CfmModel

pytestmark = pytest.mark.parity

VERSIONS = tuple(config.PRESETS)
TIME, STEP, PADDING = 0.375, 0.125, 9
"""Where the fixtures call the transformer once, and how many frames their second row lacks."""


@pytest.fixture(scope="module")
def state():
    preset = config.v3()
    return seeded(lambda norm: factory.build(preset, weight_norm=norm), legacy.RENAMES).state_dict()


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def fixture(version):
    return load(f"s2_{version}")


@pytest.fixture
def model(state, version):
    """Both versions have the same parameters."""
    with torch.device("meta"):
        made = factory.build(config.PRESETS[version]())
    made.load_state_dict(state, assign=True)
    return made.eval().requires_grad_(False)


def test_published_layout(version):
    preset = config.PRESETS[version]()
    assert_same_layout(
        lambda: factory.build(preset, weight_norm=True), legacy.RENAMES, schema(f"s2G_{version}")
    )


def test_published_adapter_layout(version):
    """A LoRA file fits the layers it names; what it holds in full is a part of the full model."""
    published = schema(f"s2G_{version}_lora_r32_FILE")
    with torch.device("meta"):
        whole = factory.build(config.PRESETS[version](), weight_norm=True)
        adapter = LoraLinear(whole.dit.blocks[0].attention.query, 32)
    full = {name: tuple(tensor.shape) for name, tensor in whole.state_dict().items()}
    sizes = {"down": tuple(adapter.down.shape), "up": tuple(adapter.up.shape)}
    for name, shape in published.items():
        ours = legacy.LORA_RENAMES.to_ours(name)
        assert legacy.LORA_RENAMES.to_published(ours) == name
        stem, leaf = ours.rsplit(".", 1)
        assert shape == (sizes[leaf] if leaf in sizes else full[ours])
        assert leaf not in sizes or f"{stem}.weight" in full


@torch.inference_mode()
def test_features_of_the_encoder(fixture, model):
    style = model.style(fixture["refer"])
    close(style, fixture["ge"])
    tokens = fixture["codes"][:, 0]
    close(model.features(tokens, fixture["text"], style), fixture["fea"])
    close(model.features(tokens, fixture["text"], style, speed=1.25), fixture["fea_speed1.25"])


def call(fixture: Fixture, model: S2CfmModel, rows: int, seen: torch.Tensor | None) -> torch.Tensor:
    noise = fixture["noise"]
    prompt = F.pad(fixture["prompt"], (0, noise.shape[2] - fixture["prompt"].shape[2]))
    condition = model.dit.condition(fixture["fea"].transpose(1, 2))
    inputs = (x.expand(rows, -1, -1) for x in (noise, prompt, condition))
    velocity = model.dit(*inputs, torch.full((rows,), TIME), torch.full((rows,), STEP), seen)
    return velocity.transpose(1, 2)


@torch.inference_mode()
def test_one_call_of_the_transformer(fixture, model):
    close(call(fixture, model, 1, None), fixture["dit_out"], 2e-4)


@torch.inference_mode()
def test_padded_rows_of_the_transformer(fixture, model):
    frames = fixture["noise"].shape[2]
    lengths = torch.tensor([frames, frames - PADDING])
    seen = torch.arange(frames) < lengths[:, None]
    close(call(fixture, model, 2, seen), fixture["dit_out_batch2_masked"], 2e-4)


@torch.inference_mode()
@pytest.mark.parametrize(("steps", "guidance"), [(4, 0.0), (2, 0.7)])
def test_flow(fixture, model, steps, guidance):
    mel = sample(
        model.dit, fixture["fea"], fixture["prompt"], fixture["noise"], steps=steps, guidance=guidance
    )
    close(mel, fixture[f"cfm_steps{steps}_cfg{guidance}"], 2e-4)
