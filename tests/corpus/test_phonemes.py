"""Phonemes of a store: read once, with a report of what could not be read."""

import json
import shutil

import pytest

from tiny_corpus import VOWELS
from yinse.contracts.errors import InvalidInput, NotFound
from yinse.corpus import phonemes
from yinse.corpus.phonemes import read_phonemes, spoken_ids, symbol_ids, write_phonemes
from yinse.engine.text.inventory import SYMBOL_IDS


def phonemise(text, language):
    if language == "ja":
        raise InvalidInput("no such word")
    return [VOWELS[0], ",", VOWELS[1]]


def test_transcripts_are_read_and_the_unreadable_reported(tiny_store, tmp_path, monkeypatch):
    folder = shutil.copytree(tiny_store, tmp_path / "store")
    monkeypatch.setattr(phonemes, "phonemise", phonemise)
    assert write_phonemes(folder) == (20, 5)
    assert read_phonemes(folder)["tiny-00000"] == [VOWELS[0], ",", VOWELS[1]]
    assert spoken_ids(folder)["tiny-00000"] == [SYMBOL_IDS[VOWELS[0]], SYMBOL_IDS[VOWELS[1]]]
    assert len(symbol_ids(folder)["tiny-00000"]) == 3
    rows = [json.loads(line) for line in (folder / "unreadable.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == 5
    assert rows[0]["id"] == "tiny-00100"
    assert rows[0]["reason"] == "no such word"


def test_a_store_without_phonemes_says_what_to_run(tmp_path):
    with pytest.raises(NotFound, match="yinse corpus build"):
        read_phonemes(tmp_path)
