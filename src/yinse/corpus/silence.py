"""Which semantic tokens are silence: those that quiet frames of the recordings carry."""

import json
from typing import Final

import numpy as np

from yinse.contracts.errors import NotFound
from yinse.corpus.entry import TIMELINE_FILE, TOKENS_FILE
from yinse.corpus.store import CorpusStore

QUIET_SHARE: Final = 0.25
"""How far up between a recording's quietest and loudest frames quiet ends, on the logarithmic mel scale."""
OFTEN: Final = 0.3
"""Share of a token's frames that must be quiet. With 0.6 a voice that may be silent no longer breathes instead."""
FEWEST: Final = 20
"""Frames a token must have been seen in."""
UTTERANCES: Final = 5000


def silent_tokens(store: CorpusStore, *, seed: int = 0) -> tuple[int, ...]:
    """Token ids that are often quiet, over at most `UTTERANCES` annotated utterances."""
    for name in (TIMELINE_FILE, TOKENS_FILE):
        if not (store.folder / name).exists():
            raise NotFound(f"{store.folder} has no {name}: run `yinse corpus annotate` first")
    entries = {entry.id: entry for entry in store.entries}
    rows = [json.loads(line) for line in (store.folder / TIMELINE_FILE).read_text("utf-8").splitlines()]
    tokens = np.fromfile(store.folder / TOKENS_FILE, np.int16)
    order = np.random.default_rng(seed).permutation(len(rows))[:UTTERANCES]
    seen, quiet = np.zeros(int(tokens.max()) + 1), np.zeros(int(tokens.max()) + 1)
    for row in (rows[index] for index in order):
        token_T = tokens[row["token"] : row["token"] + row["tokens"]]
        level_F = store.mel(entries[row["id"]]).numpy().astype(np.float32).mean(-1)
        per_token = len(level_F) // max(1, len(token_T))
        if not per_token:
            continue
        level_T = level_F[: len(token_T) * per_token].reshape(-1, per_token).max(1)
        lowest, highest = np.percentile(level_T, [2, 95])
        np.add.at(seen, token_T, 1)
        np.add.at(quiet, token_T, level_T < lowest + QUIET_SHARE * (highest - lowest))
    share = quiet / np.maximum(seen, 1)
    return tuple(int(token) for token in np.flatnonzero((share >= OFTEN) & (seen >= FEWEST)))
