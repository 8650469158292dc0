"""The writer: whatever stops it, what it lists is there, and the next one goes on from it."""

import numpy as np
import pytest

from yinse.contracts.errors import NotFound
from yinse.corpus.store import CorpusStore
from yinse.corpus.writer import PARTIAL_MANIFEST, StoreWriter


def add(writer, number):
    audio = np.full(100 + number, number, np.int16)
    mel = np.full((5, 80), number, np.float16)
    return writer.add(f"u-{number}", "text", "s", "en", 16000, "train", "shard", audio, mel)


def assert_whole(folder, numbers):
    store = CorpusStore(folder)
    assert [entry.id for entry in store.entries] == [f"u-{n}" for n in numbers]
    for entry, number in zip(store.entries, numbers, strict=True):
        assert (store.audio(entry) * 32767).round().unique().tolist() == [number]
        assert store.mel(entry).unique().tolist() == [number]
    assert len(store._audio) == sum(entry.samples for entry in store.entries)


def test_utterances_are_found_where_the_manifest_says(tmp_path):
    with StoreWriter(tmp_path) as writer:
        for number in (1, 2, 3):
            add(writer, number)
    assert_whole(tmp_path, [1, 2, 3])


def test_a_store_can_grow(tmp_path):
    with StoreWriter(tmp_path) as writer:
        add(writer, 1)
    with StoreWriter(tmp_path) as writer:
        assert [entry.id for entry in writer.entries] == ["u-1"]
        add(writer, 2)
    assert_whole(tmp_path, [1, 2])


@pytest.mark.parametrize("torn", ["audio.i16", "mel.f16", PARTIAL_MANIFEST])
@pytest.mark.parametrize("extra", [b"\x07" * 33, b'{"id": "u-9", "te'])
def test_what_lies_behind_the_last_listed_utterance_is_cut_off(tmp_path, torn, extra):
    writer = StoreWriter(tmp_path)
    for number in (1, 2):
        add(writer, number)
    writer.__exit__(KeyboardInterrupt, None, None)
    with (tmp_path / torn).open("ab") as file:
        file.write(extra)
    with pytest.raises(NotFound, match="not finished"):
        CorpusStore(tmp_path)
    with StoreWriter(tmp_path) as again:
        add(again, 3)
    assert_whole(tmp_path, [1, 2, 3])


def test_listed_utterances_whose_audio_was_lost_are_written_again(tmp_path):
    writer = StoreWriter(tmp_path)
    for number in (1, 2):
        add(writer, number)
    writer.__exit__(KeyboardInterrupt, None, None)
    audio = tmp_path / "audio.i16"
    audio.write_bytes(audio.read_bytes()[:-6])
    with StoreWriter(tmp_path) as again:
        assert [entry.id for entry in again.entries] == ["u-1"]
        add(again, 2)
    assert_whole(tmp_path, [1, 2])


def test_an_error_leaves_the_store_unfinished(tmp_path):
    writer = StoreWriter(tmp_path)
    add(writer, 1)
    writer.__exit__(RuntimeError, None, None)
    assert not (tmp_path / "manifest.jsonl").exists()
    with StoreWriter(tmp_path):
        pass
    assert_whole(tmp_path, [1])
