"""The contest of decoders, at a size that takes seconds."""

from pathlib import Path

import pytest
import yaml
from benchmarks.decoder.contest import Result, contest, floor, strangers, to_markdown
from benchmarks.voice.figures import Figure

from benchmarks.decoder import contest as module
from tiny_corpus import STRANGERS, make_store
from yinse.contracts.errors import AlreadyExists, InvalidInput, NotFound
from yinse.corpus.store import CorpusStore

POSTERIOR = {"channels": 16, "hidden": 16, "depth": 1, "inter_channels": 6}
DECODERS = {
    "istft": {"latent_channels": 6, "channels": 32, "hidden": 32, "depth": 1, "kernel": 3},
    "hifigan": {"network": "hifigan", "inputs": 6, "channels": 32, "block_kernels": [3], "dilations": [1]},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(autouse=True)
def short_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny corpus speaks for about a second at a time."""
    monkeypatch.setattr(module, "SECONDS", (0.5, 8.0))


def recipe(folder: Path, name: str) -> Path:
    path = folder / f"{name}.yaml"
    sections = {
        "part": "codec",
        "model": {"posterior": POSTERIOR, "decoder": DECODERS[name]},
        "data": {"batch": 2, "frames": 16},
        "run": {"accelerator": "cpu", "threads": 1},
    }
    path.write_text(yaml.safe_dump(sections), "utf-8")
    return path


def test_strangers_take_turns(store):
    found = strangers(CorpusStore(store), 4)
    entries = [entry for entry in CorpusStore(store).entries if entry.split == "unseen"]
    samples = {len(one.waveform.samples) for one in found}
    assert len(found) == 4
    assert samples <= {entry.samples for entry in entries}
    assert {entry.speaker for entry in entries} == set(STRANGERS)
    assert {one.bandwidth for one in found} == {7600.0}


def test_both_decoders_are_trained_alike_and_measured(store, tmp_path):
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    recipes = [recipe(tmp_path, name) for name in DECODERS]
    results = list(contest(recipes, store, tmp_path / "out", minutes=None, steps=2, count=2))
    assert [one.name for one in results] == ["istft", "hifigan"]
    for one in results:
        assert one.steps == 2
        assert one.parameters > 1000
        assert 1 <= one.pesq.value <= 4.65
        assert -0.2 <= one.stoi.value <= 1
        assert one.real_time_factor > 0
    assert (tmp_path / "out" / "hifigan" / "weights.safetensors").exists()
    with pytest.raises(AlreadyExists, match="begin with nothing"):
        list(contest(recipes, store, tmp_path / "out", minutes=None, steps=2, count=2))


def test_the_floor_is_low(store):
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    assert floor(strangers(CorpusStore(store), 2)).pesq.value < 1.6


def test_other_parts_are_refused(store, tmp_path):
    path = tmp_path / "speaker.yaml"
    path.write_text("part: speaker")
    with pytest.raises(InvalidInput, match="this recipe trains speaker"):
        list(contest([path], store, tmp_path / "out", minutes=1, steps=None, count=1))


def test_a_corpus_without_strangers_says_so(store, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", (60.0, 80.0))
    with pytest.raises(NotFound, match="no recording of a held-out speaker"):
        strangers(CorpusStore(store), 3)


def test_one_row_a_decoder():
    result = Result("istft", 6_600_000, 900, Figure(2.3, 2.2, 2.4, 40), Figure(0.92, 0.91, 0.93, 40), 0.05)
    assert "| istft | 6.6 M | 900 | 2.30 (2.20-2.40, n 40) | 0.92 (0.91-0.93, n 40) | 0.050 |" in to_markdown(
        [result], "Here."
    )
