"""Annotations: what they hold, and that they hang together."""

import shutil
from itertools import pairwise

import pytest
import torch
from safetensors.torch import save

from tiny_corpus import annotate, sayings
from yinse.contracts.errors import CorruptFile, NotFound
from yinse.corpus.annotate import Annotations, annotate_store, write_acoustic
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.mel import ACOUSTIC_MEL, log_mel
from yinse.engine.text.inventory import SYMBOL_IDS


@pytest.fixture(scope="module")
def notes(tiny_store):
    return Annotations(CorpusStore(tiny_store))


def test_every_utterance_has_tokens_at_25_a_second(notes):
    assert {row.entry.id for row in notes.rows} == {one.id for one in sayings()}
    for row in notes.rows:
        assert row.tokens == row.entry.frames // 4
        tokens = notes.tokens(row)
        assert tokens.shape == (row.tokens,)
        assert 0 <= int(tokens.min()) <= int(tokens.max()) < 1000


def test_timelines_say_the_transcript_in_order(notes):
    said = {one.id: one.vowels for one in sayings()}
    for row in notes.rows:
        assert row.symbols is not None
        assert row.pointer is not None
        assert len(row.pointer) == row.tokens
        assert all(after >= before for before, after in pairwise(row.pointer))
        vowels = [SYMBOL_IDS[vowel] for vowel in said[row.entry.id]]
        assert [symbol for symbol in row.symbols if symbol in vowels] == vowels
        symbols = notes.frame_symbols(row)
        assert symbols.tolist() == [row.symbols[index] for index in row.pointer]


def test_acoustic_frames_are_four_a_token_and_those_of_the_audio(notes, tiny_store):
    store = CorpusStore(tiny_store)
    row = notes.rows[5]
    frames = notes.acoustic(row)
    assert frames.shape == (4 * row.tokens, ACOUSTIC_MEL.bands)
    audio = store.audio(row.entry)
    audio = torch.nn.functional.pad(audio, (0, max(0, len(frames) * 441 - len(audio))))[: len(frames) * 441]
    torch.testing.assert_close(frames.float(), log_mel(audio[None], ACOUSTIC_MEL)[0].T, atol=0.01, rtol=0.01)
    assert torch.equal(notes.acoustic(row, 3, 2), frames[12:20])


def test_speaker_embeddings_have_unit_length(notes):
    for row in notes.rows:
        assert float(notes.speaker(row).norm()) == pytest.approx(1, abs=0.01)


def test_acoustic_frames_are_computed_once(tiny_store, tmp_path):
    folder = shutil.copytree(tiny_store, tmp_path / "store")
    path = folder / "acoustic.f16"
    path.write_bytes(b"\x01" * path.stat().st_size)
    write_acoustic(CorpusStore(folder))
    assert path.read_bytes()[:1] == b"\x01"
    path.write_bytes(b"half of it")
    write_acoustic(CorpusStore(folder))
    assert path.read_bytes() == (tiny_store / "acoustic.f16").read_bytes()


def test_annotating_again_gives_the_same_and_leaves_nothing_half(tiny_store, tmp_path):
    folder = shutil.copytree(tiny_store, tmp_path / "store")
    annotate(folder)
    assert not list(folder.glob("*.partial"))
    for name in ("tokens.i16", "timeline.jsonl", "speaker.f16"):
        assert (folder / name).read_bytes() == (tiny_store / name).read_bytes()


@pytest.mark.parametrize("name", ["tokens.i16", "timeline.jsonl", "speaker.f16", "acoustic.f16"])
def test_a_store_that_is_not_annotated_says_what_to_run(tiny_store, tmp_path, name):
    folder = shutil.copytree(tiny_store, tmp_path / "store")
    (folder / name).unlink()
    with pytest.raises(NotFound, match="yinse corpus annotate"):
        Annotations(CorpusStore(folder))


def test_missing_weights_say_what_to_do(tiny_store, tmp_path):
    with pytest.raises(NotFound, match=r"none\.safetensors: train the part"):
        annotate_store(tiny_store, tmp_path / "none.safetensors", tmp_path / "none.safetensors")


@pytest.mark.parametrize("content", [b"", b"no tensors", save({"content.stem.weight": torch.zeros(1)})])
def test_damaged_weights_say_so(tiny_store, tmp_path, content):
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(content)
    with pytest.raises(CorruptFile, match=r"weights\.safetensors"):
        annotate_store(tiny_store, weights, weights)
