"""Import, bundle, export: nothing is lost on the way, and what does not fit is refused."""

import io
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

import published_parity as parity
from published_parity import path_of
from yinse.contracts.errors import AlreadyExists, CorruptFile, InvalidInput, NotFound, StorageFull
from yinse.engine.checkpoints.published import bundle as bundles
from yinse.engine.checkpoints.published import checkpoint, convert, writer
from yinse.engine.checkpoints.published.bundle import Bundle
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.models import load_models
from yinse.engine.models.acoustic.s2.model import S2Model
from yinse.engine.models.semantic.s1.model import S1Model

SAMPLES = {
    "s1_v2_sample.ckpt": ("s1", "v2", False),
    "s2_v1_sample.pth": ("s2", "v1", False),
    "s2_v2_sample.pth": ("s2", "v2", False),
    "s2_v2Pro_sample.pth": ("s2", "v2Pro", False),
    "s2_v2ProPlus_sample.pth": ("s2", "v2ProPlus", False),
    "s2_v3_lora_sample.pth": ("s2", "v3", True),
    "s2_v4_lora_sample.pth": ("s2", "v4", True),
}


def assert_identical(left: Checkpoint, right: Checkpoint) -> None:
    assert list(left.tensors) == list(right.tensors)
    assert all(left.tensors[k].dtype == right.tensors[k].dtype for k in left.tensors)
    assert all(
        torch.equal(left.tensors[k].view(torch.int16), right.tensors[k].view(torch.int16))
        for k in left.tensors
    )
    assert replace(left, tensors={}) == replace(right, tensors={})


@pytest.mark.parity
@pytest.mark.parametrize("name", SAMPLES)
def test_published_samples_are_recognised(name):
    sample = checkpoint.read(path_of(f"ckpt/{name}"))
    found = convert.identify(sample)
    assert (found.kind, found.version, found.lora) == SAMPLES[name]
    assert all(tensor.dtype == torch.float16 for tensor in sample.tensors.values())


@pytest.mark.parity
@pytest.mark.parametrize("name", SAMPLES)
def test_published_samples_hold_the_values_of_the_rule(name, monkeypatch):
    """Of this set's salt or of none: containers are the same whatever the weights. Single numbers are as training began."""
    tensors = {
        name: t for name, t in checkpoint.read(path_of(f"ckpt/{name}")).tensors.items() if t.numel() > 1
    }
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    found = []
    for salt in (parity.SALT, ""):
        monkeypatch.setattr(parity, "SALT", salt)
        values = parity.ruled(shapes)
        found.append(all(torch.equal(tensors[name], values[name].half()) for name in tensors))
    assert tensors
    assert any(found)


@pytest.mark.parity
@pytest.mark.parametrize("name", SAMPLES)
def test_published_samples_survive_rewriting(name, tmp_path):
    sample = checkpoint.read(path_of(f"ckpt/{name}"))
    writer.write(sample, tmp_path / name)
    assert_identical(checkpoint.read(tmp_path / name), sample)
    assert (tmp_path / name).read_bytes()[:2] == path_of(f"ckpt/{name}").read_bytes()[:2]


@pytest.mark.parity
@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("s2")])
@pytest.mark.parametrize("form", ["folder", "single.safetensors"])
def test_published_samples_survive_the_bundle(name, form, tmp_path):
    sample = checkpoint.read(path_of(f"ckpt/{name}"))
    part = convert.to_part(sample)
    bundles.save(Bundle({part.manifest.kind: part}), tmp_path / form)
    back = bundles.load(tmp_path / form).parts[part.manifest.kind]
    assert back.manifest == part.manifest
    (written,) = convert.export_files(Bundle({part.manifest.kind: back}), tmp_path / "out", "voice")
    again = checkpoint.read(written)
    assert_identical(
        replace(again, tensors=dict(sorted(again.tensors.items()))),
        replace(sample, tensors=dict(sorted(sample.tensors.items()))),
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory, tiny_s1, whole_s2):
    folder = tmp_path_factory.mktemp("published")
    writer.write(tiny_s1, folder / "s1.ckpt")
    writer.write(whole_s2, folder / "s2.pth")
    return folder / "s1.ckpt", folder / "s2.pth"


@pytest.fixture(scope="module")
def voice(files):
    return convert.import_files(files)


def test_a_pair_in_any_order_becomes_a_bundle(files, voice):
    other = convert.import_files(files[::-1])
    assert other.manifest.parts.keys() == voice.manifest.parts.keys() == {Kind.S1, Kind.S2}
    assert other.parts[Kind.S2].manifest == voice.parts[Kind.S2].manifest
    assert voice.parts[Kind.S2].identity.version == "v2"


def test_the_round_trip_is_bit_identical(voice, files, tmp_path):
    bundles.save(voice, tmp_path / "voice")
    written = convert.export_files(bundles.load(tmp_path / "voice"), tmp_path / "out", "mine")
    assert [path.name for path in written] == ["mine.ckpt", "mine.pth"]
    for path, original in zip(written, files, strict=True):
        before, after = checkpoint.read(original), checkpoint.read(path)
        assert before.tensors.keys() == after.tensors.keys()
        assert all(torch.equal(before.tensors[k], after.tensors[k]) for k in before.tensors)
        assert replace(before, tensors={}) == replace(after, tensors={})


def test_what_is_exported_is_what_published_tools_unpickle(tiny_s1, tmp_path, monkeypatch):
    """With torch's own reader and a `utils.HParams` of the same making."""

    class HParams:
        pass

    monkeypatch.setitem(sys.modules, "utils", SimpleNamespace(HParams=HParams))
    monkeypatch.setattr(HParams, "__module__", "utils")
    settings = {"model": {"version": "v2Pro"}, "train": {"epochs": 8}}
    second = Checkpoint(Kind.S2, {"enc_p.a": torch.ones(3, 2).half()}, settings, "8epoch_240iteration", "05")
    writer.write(tiny_s1, tmp_path / "v.ckpt")
    writer.write(second, tmp_path / "v.pth")
    data = (tmp_path / "v.pth").read_bytes()
    assert data[:2] == b"05"
    read = torch.load(io.BytesIO(b"PK" + data[2:]), weights_only=False)
    assert type(read["config"]) is type(read["config"].model) is HParams
    assert (read["config"].model.version, read["config"].train.epochs) == ("v2Pro", 8)
    assert torch.equal(read["weight"]["enc_p.a"], torch.ones(3, 2).half())
    assert read["info"] == "8epoch_240iteration"
    plain = torch.load(tmp_path / "v.ckpt", weights_only=True)
    assert list(plain["weight"]) == list(tiny_s1.tensors)
    assert plain["config"] == tiny_s1.config


def test_both_forms_have_the_same_digest(voice, tmp_path):
    bundles.save(voice, tmp_path / "folder")
    bundles.save(voice, tmp_path / "single.safetensors")
    assert bundles.read_manifest(tmp_path / "folder") == bundles.read_manifest(
        tmp_path / "single.safetensors"
    )
    assert bundles.load(tmp_path / "single.safetensors").manifest == voice.manifest


def test_models_of_a_bundle_speak(voice):
    s1, s2 = (convert.load_model(voice.parts[kind]) for kind in (Kind.S1, Kind.S2))
    assert isinstance(s1, S1Model)
    assert isinstance(s2, S2Model)
    assert s2.posterior is None
    assert {p.dtype for p in s2.parameters()} == {torch.float32}
    assert not any(p.requires_grad for p in s1.parameters())


def test_models_that_only_encode_references_have_numbers_of_what_hears_alone(voice):
    speaking, listening = load_models(voice), load_models(voice, speaking=False)
    assert {tensor.device.type for tensor in listening.s1.state_dict().values()} == {"meta"}
    assert listening.revision == speaking.revision
    whole = speaking.s2.state_dict()
    assert listening.s2.state_dict().keys() == whole.keys()
    heard = {name: t for name, t in listening.s2.state_dict().items() if t.device.type != "meta"}
    assert {name.partition(".")[0] for name in heard} == {"tokenizer", "style"}
    assert all(torch.equal(tensor, whole[name]) for name, tensor in heard.items())


def test_an_altered_bundle_is_noticed(voice, tmp_path):
    bundles.save(voice, tmp_path / "voice")
    path = tmp_path / "voice" / "s1.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptFile, match="s1 part"):
        bundles.load(tmp_path / "voice")


@pytest.mark.parametrize("change", [{"extra": 1}, {"format_version": 2}, {"parts": {"s9": {}}}])
def test_a_strange_manifest_is_refused(voice, tmp_path, change):
    bundles.save(voice, tmp_path / "voice")
    path = tmp_path / "voice" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CorruptFile):
        bundles.load(tmp_path / "voice")
    with pytest.raises(CorruptFile):
        bundles.read_manifest(tmp_path / "voice")


def test_absent_cut_and_taken(voice, tmp_path):
    with pytest.raises(NotFound):
        bundles.load(tmp_path / "nothing")
    bundles.save(voice, tmp_path / "v.safetensors")
    with pytest.raises(AlreadyExists):
        bundles.save(voice, tmp_path / "v.safetensors")
    data = (tmp_path / "v.safetensors").read_bytes()
    (tmp_path / "v.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(CorruptFile):
        bundles.load(tmp_path / "v.safetensors")


def test_a_disk_that_fills_leaves_nothing(voice, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundles, "save_file", full)
    with pytest.raises(StorageFull, match="No space"):
        bundles.save(voice, tmp_path / "voice")
    assert list(tmp_path.iterdir()) == []


def test_wrong_pairs_are_refused(files, v1_s1, tmp_path):
    s1, s2 = files
    with pytest.raises(InvalidInput, match="one s1 and one s2"):
        convert.import_files([s1, s1])
    with pytest.raises(InvalidInput, match="two files"):
        convert.import_files([s2])
    writer.write(v1_s1, tmp_path / "old.ckpt")
    with pytest.raises(InvalidInput, match="do not belong together"):
        convert.import_files([tmp_path / "old.ckpt", s2])


def test_incomplete_and_misshapen_files_are_refused(files, tiny_s1, tmp_path):
    tensors = dict(tiny_s1.tensors)
    gone = tensors.pop("model.h.layers.1.norm2.bias")
    writer.write(replace(tiny_s1, tensors=tensors), tmp_path / "a.ckpt")
    with pytest.raises(InvalidInput, match=r"a\.ckpt.*model\.h\.layers\.1\.norm2\.bias"):
        convert.import_files([tmp_path / "a.ckpt", files[1]])
    writer.write(
        replace(tiny_s1, tensors={**tensors, "model.h.layers.1.norm2.bias": gone[:9]}), tmp_path / "b.ckpt"
    )
    with pytest.raises(InvalidInput, match="shape"):
        convert.import_files([tmp_path / "b.ckpt", files[1]])
    writer.write(
        replace(tiny_s1, tensors={**tensors, "model.h.layers.7.norm2.bias": gone}), tmp_path / "c.ckpt"
    )
    with pytest.raises(InvalidInput, match="shape"):
        convert.import_files([tmp_path / "c.ckpt", files[1]])


def test_impossible_sizes_are_refused(tiny_s1):
    settings = {**tiny_s1.config, "model": {**tiny_s1.config["model"], "n_layer": 10**9}}
    with pytest.raises(InvalidInput, match="impossible sizes"):
        convert.to_part(replace(tiny_s1, config=settings))
