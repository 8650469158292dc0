"""Phonemes of every transcribed utterance of a store, computed once."""

import json
from pathlib import Path

from yinse.contracts.errors import InvalidInput
from yinse.corpus.store import CorpusStore
from yinse.engine.text.phonemise import phonemise

PHONEMES_FILE = "phonemes.jsonl"


def write_phonemes(folder: Path) -> tuple[int, int]:
    """Write `phonemes.jsonl` and return how many utterances it holds and how many could not be read."""
    written = failed = 0
    partial = folder / (PHONEMES_FILE + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        for entry in CorpusStore(folder).entries:
            if entry.text is None:
                continue
            try:
                symbols = phonemise(entry.text, entry.lang)
            except InvalidInput:
                failed += 1
                continue
            file.write(json.dumps({"id": entry.id, "symbols": symbols}, ensure_ascii=False) + "\n")
            written += 1
    partial.replace(folder / PHONEMES_FILE)
    return written, failed
