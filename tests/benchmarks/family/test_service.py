"""A service and an import as they are measured, with a voice so small that it takes seconds."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tiny_published as tiny
import tiny_published_files as files
from benchmarks.family import measure, service, voices
from yinse.engine.checkpoints.published import checkpoint
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.models.acoustic.s2 import config as s2_config
from yinse.engine.voice.published.store import PublishedHome

TEXT = "今天很好。"
CODES = 1024
"""As many as the benchmark draws tokens from."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the benchmark lays out for v2Pro; sizes stay tiny for the whole module."""
    home = tmp_path_factory.mktemp("written")
    content = 768  # HuBERT's own, which the benchmark writes at its real width
    encoder = replace(tiny.ENCODER, content_channels=content)
    pro = replace(tiny.S2, encoder=encoder, codes=CODES, speaker_vector=files.ERES.vector)
    sizes = {**files.S1_SETTINGS["model"], "vocab_size": CODES + 1, "EOS": CODES}
    with pytest.MonkeyPatch.context() as patch:
        files.shrink(patch)
        patch.setitem(s2_config.PRESETS, "v2Pro", lambda: pro)
        patch.setattr(service, "S1_SETTINGS", {"model": sizes})
        patch.setitem(voices.BERT, "num_hidden_layers", 3)
        patch.setitem(voices.BERT, "vocab_size", 110)
        patch.setitem(voices.BERT, "intermediate_size", 8)
        patch.setitem(voices.HUBERT, "num_hidden_layers", 1)
        patch.setitem(voices.HUBERT, "intermediate_size", 8)
        service.write(home, "v2Pro")
        yield home


@pytest.fixture
def home(written: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YINSE_HOME", str(written))
    return written


def test_a_voice_is_written_as_it_is_published(home: Path) -> None:
    parts = PublishedHome().manifest(service.NAME).parts
    assert {kind: part.version for kind, part in parts.items()} == {Kind.S1: "v2", Kind.S2: "v2Pro"}
    tensors = PublishedHome().bundle(service.NAME).parts[Kind.S2].tensors
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert not any(name.startswith("posterior.") for name in tensors)
    for kind, file in service.FILES.items():
        assert checkpoint.read(home / file).kind is kind


def test_a_service_opens_the_voice_and_speaks(home: Path) -> None:
    found = {one.quantity: one for one in service.measure(TEXT, 1)}
    assert [(name, one.unit) for name, one in found.items()] == [
        ("voice opened", "s"),
        ("first audio, from text", "ms"),
        ("service memory", "MB"),
        ("service memory, peak", "MB"),
    ]
    assert all(one.value > 0 for one in found.values())
    assert found["first audio, from text"].processor > 0
    assert found["service memory, peak"].value >= found["service memory"].value * 0.99


def test_an_import_hears_reads_and_leaves_a_voice_that_can_be_opened(home: Path) -> None:
    time, peak = service.measure_import(TEXT)
    assert (time.quantity, time.unit) == ("import with a transcript", "s")
    assert (peak.quantity, peak.unit) == ("import, peak", "MB")
    assert min(time.value, peak.value) > 0
    prompt = PublishedHome().prompt("imported")
    assert prompt.transcript == "今天很好."
    assert prompt.features_EL.any(), "BERT has read the words"
    assert len(prompt.tokens_P) == 139, "25 a second, of 5 s and 0.6 s of silence"
    service.measure_import(TEXT)  # once for every number of threads


@pytest.mark.parametrize(("system", "quantity"), [("service", "voice opened"), ("import", "import, peak")])
def test_a_process_of_its_own_tells_its_figures(
    home: Path,
    system: str,
    quantity: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(measure, "TEXT", TEXT)
    monkeypatch.setattr("sys.argv", ["measure", "v2Pro", system, "1", "--rounds", "1"])
    measure.main()
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert quantity in [one["quantity"] for one in told]
