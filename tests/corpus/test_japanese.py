"""Synthetic readings: added once, and after an interruption only those that are missing."""

import shutil

import numpy as np
import pytest

from yinse.corpus import japanese
from yinse.corpus.japanese import SHARD, append_japanese, sentences
from yinse.corpus.store import CorpusStore


@pytest.fixture
def spoken(monkeypatch):
    """What was read aloud; the reader is a buzz, for speed."""
    import pyopenjtalk

    said: list[str] = []

    def synthesize(labels, speed, half_tone):
        said.append(labels)
        if len(said) == 3:
            raise KeyboardInterrupt
        tone = np.sin(2 * np.pi * 200 * np.arange(24000) / 48000)
        return tone * 20000, 48000

    monkeypatch.setattr(japanese, "sentences", lambda: ["一", "二"])
    monkeypatch.setattr(pyopenjtalk, "run_frontend", lambda text, **options: text)
    monkeypatch.setattr(pyopenjtalk, "make_label", lambda text: text)
    monkeypatch.setattr(pyopenjtalk, "synthesize", synthesize)
    return said


def test_readings_join_the_store_and_survive_an_interruption(tiny_store, tmp_path, spoken):
    folder = shutil.copytree(tiny_store, tmp_path / "store")
    with pytest.raises(KeyboardInterrupt):
        append_japanese(folder)
    assert append_japanese(folder) == 4
    assert spoken == ["一", "二", "一", "一", "二", "一", "二"], "three variants; the third reading twice"
    readings = [entry for entry in CorpusStore(folder).entries if entry.shard == SHARD]
    assert [entry.id[-1] for entry in readings] == list("012345")
    assert {entry.speaker for entry in readings} == {"openjtalk_+0", "openjtalk_-5", "openjtalk_+4"}
    assert not (folder / "alignment.i16").exists()
    assert append_japanese(folder) == 0
    assert len(spoken) == 7


def test_there_are_sentences_to_read():
    assert len(sentences()) > 100
    assert len(set(sentences())) == len(sentences())
