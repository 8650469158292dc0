"""Voices of every kind from their files: to speak, and only to encode a reference."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import tiny_published as tiny
import tiny_published_files as files
from yinse.contracts.errors import NotFound
from yinse.engine.checkpoints.published.bundle import Bundle
from yinse.engine.checkpoints.published.convert import import_files
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.synthesis.published.load import base_part, models_of
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.voice.published.conditioning import Conditioning
from yinse.engine.voice.published.encode import VoiceEncoder
from yinse.engine.voice.published.prompt import PublishedPrompt

KINDS = ("v1", "v2", "v2Pro", "v3", "v4", "v3 LoRA", "v4 LoRA")
HEARS = {
    "v1": {"tokenizer", "style"},
    "v2": {"tokenizer", "style"},
    "v2Pro": {"tokenizer", "style", "speaker"},
    "v3": {"tokenizer", "style", "encoder", "bridge", "smoother"},
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with pytest.MonkeyPatch.context() as patch:
        files.shrink(patch)
        library = Library(tmp_path_factory.mktemp("shared"))
        files.fill(library)
        yield library


def imported(kind: str, folder: Path) -> Bundle:
    return import_files(files.pair(folder, files.made(kind)))


def encoded(bundle: Bundle, shared: Library, *, speaking: bool) -> PublishedPrompt:
    models = models_of(bundle, shared, speaking=speaking)
    conditioning = Conditioning(tiny.listen, tiny.read, lambda _: torch.ones(1, files.ERES.vector))
    return VoiceEncoder(models, conditioning, TextFrontend()).encode(tiny.recording(4.0), "你好。")


@pytest.mark.parametrize("kind", KINDS)
def test_a_reference_is_the_same_to_what_only_hears(kind: str, shared: Library, tmp_path: Path) -> None:
    bundle = imported(kind, tmp_path)
    heard, whole = (encoded(bundle, shared, speaking=speaking) for speaking in (False, True))
    for name in PublishedPrompt.__slots__:
        assert np.array_equal(getattr(heard, name), getattr(whole, name)), name
    assert np.abs(heard.style_G).max() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_speaks_is_not_loaded_to_encode_a_reference(
    kind: str, shared: Library, tmp_path: Path
) -> None:
    models = models_of(imported(kind, tmp_path), shared, speaking=False)
    present = {name.partition(".")[0] for name, t in models.s2.named_parameters() if not t.is_meta}
    assert present == HEARS["v3" if kind[:2] in ("v3", "v4") else kind]
    vocoder = getattr(models, "vocoder", None)
    assert vocoder is None or all(tensor.is_meta for tensor in vocoder.parameters())


def test_the_flow_of_a_base_is_read_only_to_speak(shared: Library) -> None:
    hearing, speaking = (base_part("v3", shared, speaking=speaking) for speaking in (False, True))
    assert {name for name, tensor in hearing.tensors.items() if tensor.is_meta} == {
        name for name in speaking.tensors if name.startswith("dit.")
    }
    assert torch.equal(hearing.tensors["bridge.weight"], speaking.tensors["bridge.weight"])


@pytest.mark.parametrize("speaking", [False, True])
@pytest.mark.parametrize(
    ("kind", "family"), [("v3", "bigvgan"), ("v4 LoRA", "vocoder-v4"), ("v4 LoRA", "v4")]
)
def test_what_speaking_will_need_is_missed_at_once(
    kind: str, family: str, speaking: bool, shared: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require = Library.require

    def without(self: Library, wanted: str, file: str) -> Path:
        if wanted == family:
            return require(Library(tmp_path / "empty"), wanted, file)
        return require(self, wanted, file)

    monkeypatch.setattr(Library, "require", without)
    with pytest.raises(NotFound, match=f"yinse weights pull {family}"):
        models_of(imported(kind, tmp_path), shared, speaking=speaking)
