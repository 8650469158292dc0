"""Bundles and adapters: what loads is what was saved, and anything else is refused by name."""

import errno
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from yinse.contracts.errors import CorruptFile, NotFound, StorageFull
from yinse.engine.checkpoints.adapter import DOWN, UP, apply_adapter, save_adapter
from yinse.engine.checkpoints.base import PARTS, BaseModels, load_base, symbols_digest
from yinse.engine.checkpoints.bundle import MANIFEST, Manifest, read_manifest, write_manifest, write_part
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.synthesizer import Synthesizer


@pytest.fixture
def bundle(tiny_models: BaseModels, tmp_path: Path) -> Path:
    parts = {}
    for name in PARTS:
        module = getattr(tiny_models, name)
        parts[name] = write_part(tmp_path, name, module.config, module.state_dict())
    write_manifest(tmp_path, Manifest("yinse-base", "tiny", "none", ("made up",), symbols_digest(), parts))
    return tmp_path


def test_a_bundle_loads_as_it_was_saved(bundle: Path, tiny_models: BaseModels) -> None:
    loaded = load_base(bundle)
    for name in PARTS:
        saved, again = getattr(tiny_models, name).state_dict(), getattr(loaded, name).state_dict()
        assert saved.keys() == again.keys()
        for key in saved:
            torch.testing.assert_close(again[key], saved[key], rtol=2e-3, atol=1e-3)
        assert asdict(getattr(loaded, name).config) == asdict(getattr(tiny_models, name).config)
    assert not any(parameter.requires_grad for parameter in loaded.acoustic.parameters())


def test_a_full_disk_leaves_the_part_that_was_there(
    bundle: Path, tiny_models: BaseModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        write_part(bundle, "speaker", tiny_models.speaker.config, {"other": torch.zeros(3)})
    with pytest.raises(StorageFull):
        write_manifest(bundle, read_manifest(bundle))
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before


def test_the_revision_changes_with_any_weight(bundle: Path, tiny_models: BaseModels) -> None:
    manifest = read_manifest(bundle)
    state = tiny_models.speaker.state_dict()
    state["head.bias"] = state["head.bias"] + 1
    changed = write_part(bundle, "speaker", tiny_models.speaker.config, state)
    other = replace(manifest, parts={**manifest.parts, "speaker": changed})
    assert other.revision != manifest.revision


def test_a_flipped_byte_is_found(bundle: Path) -> None:
    path = bundle / "decoder.safetensors"
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptFile, match="decoder"):
        load_base(bundle)


def test_the_manifest_says_which_prior_speaks(bundle: Path, tiny_models: BaseModels) -> None:
    assert load_base(bundle).prior == "diffusion"
    write_manifest(bundle, replace(read_manifest(bundle), prior="flow"))
    models = load_base(bundle)
    assert models.prior == "flow"
    voice = Synthesizer.load(bundle)
    assert voice._settled(SpeechOptions()).diffusion is False
    assert voice._settled(SpeechOptions(diffusion=True)).diffusion is True
    text = (bundle / MANIFEST).read_text("utf-8")
    (bundle / MANIFEST).write_text(text.replace('"flow"', '"guess"'), "utf-8")
    with pytest.raises(CorruptFile, match="guess"):
        load_base(bundle)


def test_a_missing_part_is_named(bundle: Path) -> None:
    (bundle / "semantic.safetensors").unlink()
    with pytest.raises(NotFound, match="semantic"):
        load_base(bundle)


def test_a_part_that_the_manifest_lacks_is_named(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    parts = {name: part for name, part in manifest.parts.items() if name != "content"}
    write_manifest(bundle, replace(manifest, parts=parts))
    with pytest.raises(NotFound, match="content"):
        load_base(bundle)


def test_weights_of_another_shape_are_refused(bundle: Path, tiny_models: BaseModels) -> None:
    manifest = read_manifest(bundle)
    config = replace(tiny_models.speaker.config, embedding=20)
    part = write_part(bundle, "speaker", config, tiny_models.speaker.state_dict())
    write_manifest(bundle, replace(manifest, parts={**manifest.parts, "speaker": part}))
    with pytest.raises(CorruptFile, match="speaker"):
        load_base(bundle)


@pytest.mark.parametrize(("field", "value"), [("family", "other"), ("symbols_sha256", "0" * 64)])
def test_a_foreign_bundle_is_refused(bundle: Path, field: str, value: str) -> None:
    write_manifest(bundle, replace(read_manifest(bundle), **{field: value}))
    with pytest.raises(CorruptFile):
        load_base(bundle)


@pytest.mark.parametrize("text", ["", "{", '{"format": "yinse-bundle/9"}', '{"format": "yinse-bundle/1"}'])
def test_a_damaged_manifest_is_refused(bundle: Path, text: str) -> None:
    (bundle / MANIFEST).write_text(text)
    with pytest.raises(CorruptFile):
        load_base(bundle)


def test_no_weights_at_all(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no weights"):
        load_base(tmp_path)


def test_an_adapter_adds_its_low_rank_update(bundle: Path, tmp_path: Path) -> None:
    models = load_base(bundle)
    name = "acoustic.flow_prior.gaussian.weight"
    weight = models.acoustic.flow_prior.gaussian.weight.clone()
    down, up = torch.randn(2, weight.shape[1]), torch.randn(weight.shape[0], 2)
    save_adapter(tmp_path / "a.safetensors", {name + DOWN: down, name + UP: up}, models.revision)
    apply_adapter(models, tmp_path / "a.safetensors")
    updated = models.acoustic.flow_prior.gaussian.weight
    torch.testing.assert_close(updated, weight + up @ down, rtol=5e-3, atol=2e-2)


def test_an_adapter_of_other_weights_is_refused(bundle: Path, tmp_path: Path) -> None:
    models = load_base(bundle)
    save_adapter(tmp_path / "a.safetensors", {"decoder.head.bias": torch.zeros(1)}, "other")
    with pytest.raises(CorruptFile, match="adapt it again"):
        apply_adapter(models, tmp_path / "a.safetensors")


def test_an_adapter_for_a_place_that_does_not_exist_is_refused(bundle: Path, tmp_path: Path) -> None:
    models = load_base(bundle)
    save_adapter(tmp_path / "a.safetensors", {"decoder.nowhere.weight": torch.zeros(1)}, models.revision)
    with pytest.raises(CorruptFile, match="nowhere"):
        apply_adapter(models, tmp_path / "a.safetensors")


@pytest.mark.parametrize("part", ["values", "names", "revision"])
def test_one_flipped_bit_of_an_adapter_is_noticed(bundle: Path, tmp_path: Path, part: str) -> None:
    models = load_base(bundle)
    weight = models.acoustic.flow_prior.gaussian.weight
    name, path = "acoustic.flow_prior.gaussian.weight", tmp_path / "a.safetensors"
    updates = {name + DOWN: torch.randn(2, weight.shape[1]), name + UP: torch.randn(weight.shape[0], 2)}
    save_adapter(path, updates, models.revision)
    data = bytearray(path.read_bytes())
    places = {
        "values": len(data) - 1,
        "names": data.index(UP.encode()) + 1,
        "revision": data.index(b'"revision'),
    }
    data[places[part] + (1 if part == "revision" else 0)] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptFile):
        apply_adapter(models, path)


def test_a_file_that_is_no_adapter_is_refused(bundle: Path, tmp_path: Path) -> None:
    models = load_base(bundle)
    (tmp_path / "a.safetensors").write_bytes(b"nothing")
    with pytest.raises(CorruptFile):
        apply_adapter(models, tmp_path / "a.safetensors")
