"""Small published files, written by the tests themselves, and the fixtures' own."""

import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.families import POSTERIOR, family_of
from yinse.engine.checkpoints.published.version import Identity

S1_SETTINGS = {
    "model": {
        "vocab_size": 1025,
        "phoneme_vocab_size": 732,
        "embedding_dim": 64,
        "hidden_dim": 64,
        "head": 4,
        "linear_units": 2048,
        "n_layer": 2,
        "dropout": 0,
        "EOS": 1024,
    },
    "data": {"max_sec": 54},
    "train": {"seed": 1234, "precision": "16-mixed"},
}


@pytest.fixture
def write_archive(tmp_path: Path) -> Callable[..., Path]:
    """Write a zip in torch's layout around any pickle program."""

    def write(program: bytes, name: str = "file.pth", **entries: bytes) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", program)
            archive.writestr("archive/byteorder", b"little")
            for key, data in entries.items():
                archive.writestr(f"archive/data/{key.removeprefix('_')}", data)
        return path

    return write


@pytest.fixture
def pickled(write_archive: Callable[..., Path]) -> Callable[[object], Path]:
    """Write an ordinary Python pickle into the archive."""
    return lambda value: write_archive(pickle.dumps(value, 2))


def filled(identity: Identity, settings: dict[str, object], seed: int = 0) -> dict[str, torch.Tensor]:
    """Half-precision tensors under published names for everything a speaking model needs."""
    family = family_of(identity, settings)
    with torch.device("meta"):
        state = family.build(True).state_dict()
    generator = torch.Generator().manual_seed(seed)
    return {
        family.renames.to_published(name): (0.05 * torch.randn(t.shape, generator=generator)).half()
        for name, t in state.items()
        if not name.startswith(POSTERIOR)
    }


@pytest.fixture(scope="session")
def tiny_s1() -> Checkpoint:
    tensors = filled(Identity(Kind.S1, "v2"), S1_SETTINGS)
    return Checkpoint(Kind.S1, tensors, S1_SETTINGS, "GPT-e15", "PK")


@pytest.fixture(scope="session")
def whole_s2() -> Checkpoint:
    tensors = filled(Identity(Kind.S2, "v2"), {})
    settings = {"model": {"version": "v2"}, "train": {"epochs": 8}}
    return Checkpoint(Kind.S2, tensors, settings, "8epoch_240iteration", "PK")


@pytest.fixture(scope="session")
def v1_s1(tiny_s1: Checkpoint) -> Checkpoint:
    settings = {**S1_SETTINGS, "model": {**S1_SETTINGS["model"], "phoneme_vocab_size": 512}}
    return replace(tiny_s1, tensors=filled(Identity(Kind.S1, "v1"), settings), config=settings)
