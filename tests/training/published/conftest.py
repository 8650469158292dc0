"""Tiny published models that can be trained in milliseconds, and utterances for them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tiny_published as tiny
from yinse.engine.checkpoints.published import writer
from yinse.engine.checkpoints.published.bundle import Part, PartManifest
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.families import Family, family_of
from yinse.engine.checkpoints.published.version import Identity
from yinse.engine.models.acoustic.s2 import factory as s2_factory
from yinse.engine.models.acoustic.s2 import legacy as s2_legacy
from yinse.engine.models.acoustic.s2cfm import factory as cfm_factory
from yinse.engine.models.acoustic.s2cfm import legacy as cfm_legacy
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.training.published.base import Base
from yinse.training.published.items import Item

SETTINGS = {
    "model": {"vocab_size": 41, "phoneme_vocab_size": 732, "embedding_dim": 16, "hidden_dim": 16, "head": 2,
              "linear_units": 2048, "n_layer": 2, "dropout": 0, "EOS": 40},
    "data": {"max_sec": 54},
}  # fmt: skip
DECODER = HifiganConfig(
    inputs=8, channels=16, rates=(10, 8, 8), kernels=(20, 16, 16), block_kernels=(3,), condition=8,
    output_bias=False,
)  # fmt: skip
S2 = replace(tiny.S2, decoder=DECODER, rate=32000)


def utterance(seed: int, tokens: int = 40, phones: int = 12, *, speaker: bool = False) -> Item:
    generator = torch.Generator().manual_seed(seed)
    return Item(
        f"{seed}.wav",
        torch.randint(0, 700, (phones,), generator=generator),
        torch.randn(1024, phones, generator=generator),
        torch.randint(0, tiny.CODES, (tokens,), generator=generator),
        0.1 * torch.randn(tokens * 1280 + 300, generator=generator),
        torch.randn(6, generator=generator) if speaker else None,
    )


def part(family: Family, kind: Kind, version: str, seed: int = 0) -> Part:
    torch.manual_seed(seed)
    tensors = {name: tensor.detach() for name, tensor in family.build(True).state_dict().items()}
    settings = {"model": {"version": version}}
    manifest = PartManifest(
        kind=kind, family=family.name, version=version, lora=False, sizes={}, sha256="", settings=settings,
        info="base", header="PK", lora_rank=None,
    )  # fmt: skip
    return Part(manifest, tensors)


@pytest.fixture
def items() -> list[Item]:
    return [utterance(seed, 36 + seed) for seed in range(4)]


@pytest.fixture
def s1_file(tmp_path: Path) -> Path:
    family = family_of(Identity(Kind.S1, "v2"), SETTINGS)
    torch.manual_seed(0)
    tensors = {name: t.detach().half() for name, t in family.build(True).state_dict().items()}
    path = tmp_path / "base.ckpt"
    writer.write(Checkpoint(Kind.S1, family.renames.export(tensors), SETTINGS, "GPT-base", "PK"), path)
    return path


@pytest.fixture
def s2_base() -> Callable[[bool], Base]:
    """A base like v2, or like v2Pro."""

    def make(pro: bool = False) -> Base:
        sizes = replace(S2, speaker_vector=6) if pro else S2
        family = Family(
            "s2", sizes, s2_legacy.renames(sizes),
            lambda training: s2_factory.build(sizes, posterior=training, weight_norm=training),
        )  # fmt: skip
        return Base(part(family, Kind.S2, "v2Pro" if pro else "v2"), family)

    return make


@pytest.fixture
def flow_base() -> Base:
    family = Family(
        "s2cfm",
        tiny.CFM,
        cfm_legacy.RENAMES,
        lambda training: cfm_factory.build(tiny.CFM, weight_norm=training),
    )
    return Base(part(family, Kind.S2, "v3"), family)


@pytest.fixture
def make_utterance() -> Callable[..., Item]:
    return utterance
