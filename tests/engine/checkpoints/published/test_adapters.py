"""A LoRA file and the base that it was trained on become one model, exactly."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

import tiny_published_files as files
from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published import writer
from yinse.engine.checkpoints.published.bundle import Part
from yinse.engine.checkpoints.published.convert import import_files, load_model, to_part
from yinse.engine.models.acoustic.s2cfm.lora import LoraLinear

ADAPTED = ("query", "key", "value", "output")


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Versions of tiny sizes."""
    with pytest.MonkeyPatch.context() as patch:
        files.shrink(patch)
        yield


@pytest.fixture(params=["v3", "v4"])
def version(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def adapter(version: str) -> Part:
    return to_part(files.lora(version))


@pytest.fixture
def base(version: str) -> Part:
    return to_part(files.s2(version))


def test_every_projection_of_the_attention_is_base_plus_update(adapter: Part, base: Part) -> None:
    merged = load_model(adapter, base=base).state_dict()
    touched = set()
    for weight in _updated(adapter):
        layer = weight.removesuffix(".weight")
        update = adapter.tensors[f"{layer}.up"].float() @ adapter.tensors[f"{layer}.down"].float()
        assert torch.equal(merged[weight], base.tensors[weight].float() + update)
        assert update.abs().max() > 0
        touched.add(layer.rsplit(".", 1)[1])
    assert touched == set(ADAPTED)


def test_the_merged_model_answers_as_the_applied_adapter_does(adapter: Part, base: Part) -> None:
    merged, model = load_model(adapter, base=base), load_model(base)
    layer = model.get_submodule("dit.blocks.0.attention.query")
    assert isinstance(layer, torch.nn.Linear)
    applied, x = LoraLinear(layer, files.RANK), torch.randn(5, layer.in_features)
    state = {side: adapter.tensors[f"dit.blocks.0.attention.query.{side}"].float() for side in ("down", "up")}
    applied.load_state_dict({**applied.state_dict(), **state})
    answer: Tensor = merged.get_submodule("dit.blocks.0.attention.query")(x)
    assert torch.allclose(answer, applied(x), atol=1e-6)
    assert not torch.allclose(answer, layer(x), atol=1e-4)


def test_what_the_file_holds_in_full_replaces_the_base_and_the_rest_stays(adapter: Part, base: Part) -> None:
    merged, plain = load_model(adapter, base=base).state_dict(), load_model(base).state_dict()
    assert torch.equal(merged["bridge.weight"], adapter.tensors["bridge.weight"].float())
    assert not torch.equal(merged["bridge.weight"], plain["bridge.weight"])
    assert merged.keys() == plain.keys()
    kept = [
        name for name in merged if name.startswith(("encoder.", "dit.")) and name not in _updated(adapter)
    ]
    assert len(kept) > 20
    assert [name for name in kept if not torch.equal(merged[name], plain[name])] == []


def _updated(adapter: Part) -> set[str]:
    return {f"{name.removesuffix('.up')}.weight" for name in adapter.tensors if name.endswith(".up")}


def test_another_base_is_refused(adapter: Part, version: str) -> None:
    other = {"v3": "v4", "v4": "v3"}[version]
    for wrong in (to_part(files.s2(other)), adapter):
        with pytest.raises(InvalidInput, match=f"not the full {version} model"):
            load_model(adapter, base=wrong)
    with pytest.raises(InvalidInput, match=f"weights pull {version}"):
        load_model(adapter)


@pytest.mark.parametrize("half", ["lora_A", "lora_B"])
def test_half_an_adapter_is_incomplete(version: str, half: str, tmp_path: Path) -> None:
    whole = files.lora(version)
    absent = next(name for name in whole.tensors if half in name)
    rest = {name: tensor for name, tensor in whole.tensors.items() if name != absent}
    writer.write(replace(whole, tensors=rest), tmp_path / "half.pth")
    writer.write(files.s1(), tmp_path / "s1.ckpt")
    with pytest.raises(InvalidInput, match="incomplete") as caught:
        import_files([tmp_path / "s1.ckpt", tmp_path / "half.pth"])
    assert absent in caught.value.message


def test_adapters_without_their_rank_are_refused_in_words(version: str, tmp_path: Path) -> None:
    writer.write(replace(files.lora(version), lora_rank=None), tmp_path / "lora.pth")
    writer.write(files.s1(), tmp_path / "s1.ckpt")
    with pytest.raises(InvalidInput, match="does not say its rank"):
        import_files([tmp_path / "s1.ckpt", tmp_path / "lora.pth"])
