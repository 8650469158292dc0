"""Silent tokens are found by how loud the frames are that carry them."""

import shutil

import numpy as np
import pytest

from yinse.contracts.errors import NotFound
from yinse.corpus.annotate import Annotations
from yinse.corpus.silence import silent_tokens
from yinse.corpus.store import CorpusStore


def test_tokens_of_quiet_frames_are_silent_and_no_others(tiny_store, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(tiny_store, folder)
    store = CorpusStore(folder)
    tokens = np.fromfile(folder / "tokens.i16", np.int16)
    for row in Annotations(store).rows:
        level = store.mel(row.entry).numpy().mean(-1)[: 4 * row.tokens].reshape(-1, 4).max(1)
        quiet = level < level.min() + 0.2 * (level.max() - level.min())
        tokens[row.token : row.token + row.tokens] = np.where(quiet, 7, 8)
        tokens[row.token] = 8  # now and then a sound is faint
    tokens.tofile(folder / "tokens.i16")
    assert silent_tokens(CorpusStore(folder)) == (7,)


def test_without_annotations_it_says_what_to_do(tiny_store, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(tiny_store, folder, ignore=shutil.ignore_patterns("tokens.i16"))
    with pytest.raises(NotFound, match="yinse corpus annotate"):
        silent_tokens(CorpusStore(folder))
