"""Reading published files: what is refused, and that nothing in a file ever runs."""

import contextlib
import copy
import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.checkpoints.published import checkpoint, container, writer
from yinse.engine.checkpoints.published.data_pickle import (
    LARGEST_PROGRAM,
    MOST_INSTRUCTIONS,
    HyperParameters,
    load,
)
from yinse.engine.checkpoints.published.version import identify


class Bomb:
    """Unpickled by an unrestricted reader, this creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "wrap", [lambda bomb: bomb, lambda bomb: {"weight": {"model.x": bomb}, "config": {}}]
)
def test_a_file_that_would_run_code_is_refused_and_runs_nothing(pickled, tmp_path, wrap):
    target = tmp_path / "boom"
    path = pickled(wrap(Bomb(target)))
    pickle.loads(pickle.dumps(Bomb(tmp_path / "proof"), 2))
    assert (tmp_path / "proof").exists(), "the bomb works on an ordinary reader"
    with pytest.raises(InvalidInput, match="not data") as caught:
        checkpoint.read(path)
    assert caught.value.code == "unsafe_pickle"
    assert not target.exists()


@pytest.mark.parametrize(
    "program",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"(S'true'\nios\nsystem\n.",
        b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.",
        b"\x80\x02cutils\nHParams\nX\x01\x00\x00\x001\x85\x81.",
        b"\x80\x02ccollections\nOrderedDict\n)R}b.\x82\x01.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}X\x08\x00\x00\x00__code__NsR.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}X\x08\x00\x00\x00__code__Nsb.",
        b"\x80\x02}X\x01\x00\x00\x00a\x82\x01s.",
    ],
    ids=["reduce", "inst", "eval", "arguments", "trailing", "call", "build", "extension"],
)
def test_instructions_that_are_not_data_are_refused(program):
    if program.endswith(b"\x82\x01.") and program[:3] == b"\x80\x02c":
        assert load(program) == {}, "what follows the end is never looked at"
        return
    with pytest.raises(InvalidInput):
        load(program)


@pytest.mark.parametrize(
    "program",
    [b"", b"\x80\x02", b"\x80\x02]q\x00", b".", b"\x80\x02(.", b"\x80\x02h\x05.", b"\x80\x02s.", b"\xff"],
)
def test_malformed_programs_are_refused(program):
    with pytest.raises(InvalidInput) as caught:
        load(program)
    assert caught.value.code in ("bad_pickle", "unsafe_pickle")


def test_programs_of_endless_containers_are_refused():
    """Unbounded, a megabyte of them takes two hundred."""
    with pytest.raises(InvalidInput, match="implausibly many"):
        load(b"\x80\x02](" + b"}" * MOST_INSTRUCTIONS + b"e.")
    with pytest.raises(InvalidInput, match="implausibly large"):
        load(b"\x80\x02" + text("x" * LARGEST_PROGRAM) + b".")


def test_plain_values_survive():
    value = {"a": [1, 2.5, None, True, -(2**40)], "b": ("x", {"c": "é"}), "n": 300, "big": 2**31}
    assert load(pickle.dumps(value, 2)) == value
    assert load(pickle.dumps(value, 4)) == value


def test_hyper_parameters_become_a_plain_container(tmp_path, whole_s2):
    writer.write(whole_s2, tmp_path / "v.pth")
    settings = checkpoint.container.read(tmp_path / "v.pth").content["config"]
    assert type(settings) is HyperParameters
    assert settings["model"]["version"] == "v2"


def test_an_ordinary_torch_file_reads(tmp_path):
    tensors = OrderedDict(
        a=torch.arange(6).reshape(2, 3).t(), b=torch.tensor(1.5).half(), c=torch.zeros(0, 4)
    )
    shared = torch.arange(10.0)
    tensors["d"], tensors["e"] = shared[2:5], shared
    torch.save({"generator": tensors}, tmp_path / "g.pt")
    state = checkpoint.read_state(tmp_path / "g.pt", "generator")
    assert set(state) == set(tensors)
    assert all(torch.equal(state[key], tensors[key]) for key in tensors)
    assert all(tensor.is_contiguous() for tensor in state.values()), "a bundle cannot hold others"


def test_a_module_state_reads(tmp_path):
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    torch.save(module.state_dict(), tmp_path / "m.pth")
    state = checkpoint.read_state(tmp_path / "m.pth")
    assert {key: tuple(t.shape) for key, t in state.items()} == {
        key: tuple(t.shape) for key, t in module.state_dict().items()
    }


@pytest.mark.parametrize("keep", [0, 1, 3, 100, 0.5, 0.99, -1])
def test_a_truncated_file_is_refused(tmp_path, tiny_s1, keep):
    path = tmp_path / "s1.ckpt"
    writer.write(tiny_s1, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    with pytest.raises((CorruptFile, InvalidInput), match=r"s1\.ckpt"):
        checkpoint.read(path)


def test_altered_values_are_noticed(tmp_path, tiny_s1):
    path = tmp_path / "s1.ckpt"
    writer.write(tiny_s1, path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(CorruptFile, match="damaged"):
        checkpoint.read(path)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x80\x02}q\x00.", b"RIFF\x00\x00\x00\x00WAVE", b"99\x03\x04" + b"\0" * 100]
)
def test_other_files_are_refused(tmp_path, data):
    path = tmp_path / "x.pth"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="not a published voice"):
        checkpoint.read(path)


def test_absent_files_and_folders(tmp_path):
    with pytest.raises(NotFound, match="nothing"):
        checkpoint.read(tmp_path / "nothing.pth")
    with pytest.raises(InvalidInput, match="cannot be read"):
        checkpoint.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"state_dict": {}, "epoch": 1}, "training run"),
        ({"model": {}, "optimizer": {}, "iteration": 3, "learning_rate": 0.1}, "training run"),
        ({"generator": {}}, "vocoder"),
        ({"something": 1}, "not a published voice"),
        ([1, 2], "holds no weights"),
        ({"weight": {"a": 1}}, "holds no weights"),
    ],
)
def test_other_torch_files_say_what_they_are(pickled, content, words):
    with pytest.raises(InvalidInput, match=words):
        checkpoint.read(pickled(content))


def test_discriminators_are_named(tmp_path):
    torch.save({"weight": {"discriminators.0.convs.0.bias": torch.zeros(2)}}, tmp_path / "s2D.pth")
    with pytest.raises(InvalidInput, match="discriminator"):
        checkpoint.read(tmp_path / "s2D.pth")


def tensor_program(shape: tuple[int, ...], stride: tuple[int, ...], offset: int = 0, count: int = 4) -> bytes:
    """A file of one tensor, as torch writes it, with sizes of our choice."""

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(number(value) for value in values) + b"t"

    def text(value: bytes) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value

    storage = b"(" + text(b"storage") + b"ctorch\nFloatStorage\n" + text(b"0") + text(b"cpu") + number(count)
    call = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"tQ" + number(offset) + numbers(shape)
    call += numbers(stride) + b"\x89NtR"
    return b"\x80\x02}" + text(b"weight") + b"}" + text(b"model.x") + call + b"ss."


def test_the_hand_made_tensor_is_valid(write_archive):
    path = write_archive(tensor_program((2, 2), (2, 1)), _0=struct.pack("<4f", 1, 2, 3, 4))
    assert checkpoint.read(path).tensors["model.x"].tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_two_names_of_one_tensor_become_two_tensors(tmp_path):
    """What shares its numbers could not be stored as it is read."""
    one = torch.arange(6.0).view(2, 3)
    content = {"weight": {"model.a": one, "model.b": one, "model.c": one[1:], "model.d": one.t()}}
    torch.save(content, tmp_path / "voice.ckpt")
    tensors = checkpoint.read(tmp_path / "voice.ckpt").tensors
    assert all(torch.equal(tensors[name], tensor) for name, tensor in content["weight"].items())
    assert all(tensor.is_contiguous() for tensor in tensors.values())
    assert len({tensor.untyped_storage().data_ptr() for tensor in tensors.values()}) == 4


def test_whole_tensors_are_not_in_memory_twice(tmp_path, monkeypatch):
    torch.save({"weight": {"model.a": torch.ones(2, 3), "model.b": torch.zeros(4)}}, tmp_path / "voice.ckpt")
    monkeypatch.setattr(torch.Tensor, "clone", None)
    assert checkpoint.read(tmp_path / "voice.ckpt").tensors["model.a"].tolist() == [[1.0] * 3] * 2


def test_what_is_only_outlined_has_a_shape_and_is_not_read(small_file, monkeypatch):
    read = []
    storage = container._Tensors._storage
    monkeypatch.setattr(
        container._Tensors, "_storage", lambda self, one: (read.append(one.shape), storage(self, one))[1]
    )
    tensors = checkpoint.read(small_file, outlined="enc_p.a").tensors
    assert read == [(6,)]
    assert tensors["enc_p.a"].device.type == "meta"
    assert (tensors["enc_p.a"].shape, tensors["enc_p.a"].dtype) == ((3, 4), torch.float16)
    assert tensors["enc_p.b"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize(
    ("shape", "stride", "offset", "count"),
    [
        ((5,), (1,), 0, 4),
        ((2, 2), (2, 1), 1, 4),
        ((1000, 1000, 1000), (0, 0, 0), 0, 4),
        ((-1,), (1,), 0, 4),
        ((2,), (-1,), 1, 4),
        ((2, 2), (1,), 0, 4),
        ((4,), (1,), 0, 400),
    ],
    ids=["long", "offset", "blown up", "negative", "backwards", "ragged", "storage"],
)
def test_tensors_larger_than_their_data_are_refused(write_archive, shape, stride, offset, count):
    path = write_archive(tensor_program(shape, stride, offset, count), _0=struct.pack("<4f", 1, 2, 3, 4))
    with pytest.raises(InvalidInput):
        checkpoint.read(path)


def test_an_encrypted_archive_is_refused(write_archive):
    path = write_archive(tensor_program((4,), (1,)), _0=bytes(16))
    data = bytearray(path.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(CorruptFile, match="encrypted"):
        checkpoint.read(path)


def test_entries_that_share_their_bytes_are_refused(tmp_path):
    """Thousands of names for the same bytes would take thousands of times the memory of the file."""
    path = tmp_path / "overlapping.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", tensor_program((4,), (1,)))
        archive.writestr("archive/data/0", bytes(4096))
        for name in range(1, 20):
            twin = copy.copy(archive.getinfo("archive/data/0"))
            twin.filename = f"archive/data/{name}"
            archive.filelist.append(twin)
    with pytest.raises((InvalidInput, CorruptFile)):
        checkpoint.read(path)


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    """A whole file of some hundred bytes, its magic overwritten."""
    path = tmp_path_factory.mktemp("small") / "voice.pth"
    tensors = {"enc_p.a": torch.ones(3, 4).half(), "enc_p.b": torch.arange(6.0).half()}
    settings = {"model": {"version": "v2", "rates": [10, 2.5, None, True]}, "train": {"epochs": 8}}
    writer.write(checkpoint.Checkpoint(checkpoint.Kind.S2, tensors, settings, "8epoch", "05", 4), path)
    return path


MUTATIONS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4)), min_size=1, max_size=4
)
"""Where in a file, and what stands there instead of as many bytes (one, where nothing does)."""


def mutated(data: bytes, mutations: list[tuple[float, bytes]]) -> bytes:
    for place, put in mutations:
        at = int(place * len(data))
        data = data[:at] + put + data[at + max(1, len(put)) :]
    return data


@given(MUTATIONS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(small_file, tmp_path, mutations):
    path = tmp_path / "damaged.pth"
    path.write_bytes(mutated(small_file.read_bytes(), mutations))
    with contextlib.suppress(CorruptFile, InvalidInput):
        checkpoint.read(path)


@given(MUTATIONS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_strange_program_is_read_or_refused_and_nothing_else(small_file, tmp_path, mutations):
    """As above, but the archive around the program is whole."""
    path = tmp_path / "strange.pth"
    with (
        zipfile.ZipFile(io.BytesIO(b"PK" + small_file.read_bytes()[2:])) as whole,
        zipfile.ZipFile(path, "w") as copied,
    ):
        for name in whole.namelist():
            data = whole.read(name)
            copied.writestr(name, mutated(data, mutations) if name.endswith("data.pkl") else data)
    with contextlib.suppress(CorruptFile, InvalidInput):
        checkpoint.read(path)


def text(value: str) -> bytes:
    encoded = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded


DOUBLED = b"\x80\x02)q\x00" + b"".join(b"h%ch%c\x86q%c" % (i, i, i + 1) for i in range(60))
"""Leaves a tuple as entry 60 of the memo that holds another twice, and so on: its hash and its text take 2 ** 60 steps."""
STORAGE = text("storage") + b"ctorch\nFloatStorage\n"


@pytest.mark.parametrize(
    "program",
    [
        DOUBLED + b"}h\x3cK\x01s.",
        DOUBLED + b"ccollections\nOrderedDict\n](h\x3cK\x01\x86e\x85R.",
        DOUBLED + b"(" + STORAGE + b"h\x3c" + text("cpu") + b"K\x04tQ.",
        DOUBLED + b"(" + STORAGE + text("0") + text("cpu") + b"h\x3ctQ.",
        DOUBLED + b"h\x3c" + text("x") + b"\x93.",
        b"\x80\x02})" + b"\x85" * 300_000 + b"K\x01s.",
        b"\x80\x02" + text("\ud800") + b".",
    ],
    ids=["key", "ordered", "storage", "count", "name", "deep", "half a character"],
)
def test_values_that_take_forever_are_refused_at_once(program):
    """Without the check the first ones hang, and the deep one ends the process."""
    with pytest.raises(InvalidInput, match="malformed"):
        load(program)


@pytest.mark.parametrize("version", [["v2"], {"v2": 1}, 2.0, None])
def test_a_version_that_is_no_text_says_nothing(version):
    odd = checkpoint.Checkpoint(
        checkpoint.Kind.S2, {"cfm.x": torch.zeros(1)}, {"model": {"version": version}}, "", "PK"
    )
    with pytest.raises(InvalidInput, match="v3 or v4"):
        identify(odd)


def test_settings_that_multiply_are_refused(pickled):
    value: object = "x"
    for _ in range(40):
        value = [value, value]
    with pytest.raises(InvalidInput, match="implausibly many"):
        checkpoint.read(_with_config(pickled, value))


def test_settings_that_contain_themselves_are_refused(pickled):
    value: list[object] = []
    value.append(value)
    with pytest.raises(InvalidInput, match="nested too deeply"):
        checkpoint.read(_with_config(pickled, {"a": value}))


def test_a_number_without_end_is_no_setting(pickled):
    with pytest.raises(InvalidInput, match="not plain"):
        checkpoint.read(_with_config(pickled, {"a": 1 << 20_000}))


def _with_config(pickled, config: object) -> Path:
    path = pickled({"weight": 0, "config": config})
    program = pickle.dumps({"config": config}, 2)[:-1]
    data = tensor_program((4,), (1,))
    merged = program + data[len(b"\x80\x02}") : -len(b"s.")]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", merged + b"ss."[:1] + b".")
        archive.writestr("archive/data/0", struct.pack("<4f", 1, 2, 3, 4))
    return path
