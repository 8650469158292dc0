"""Phonemes of every transcribed utterance of a store, computed once."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.corpus.entry import PHONEMES_FILE
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.files import write_atomic
from yinse.engine.text.inventory import SYMBOL_IDS, is_spoken
from yinse.engine.text.phonemise import phonemise

UNREADABLE_FILE: Final = "unreadable.jsonl"


def write_phonemes(folder: Path) -> tuple[int, int]:
    """Write `phonemes.jsonl` and return how many utterances it holds and how many could not be read.

    `unreadable.jsonl` names the transcripts that could not be read, and why.
    """
    read: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    for entry in CorpusStore(folder).entries:
        if entry.text is None:
            continue
        try:
            read.append({"id": entry.id, "symbols": phonemise(entry.text, entry.lang)})
        except InvalidInput as error:
            unread.append({"id": entry.id, "text": entry.text, "reason": error.message})
    _write_rows(folder / UNREADABLE_FILE, unread)
    _write_rows(folder / PHONEMES_FILE, read)
    return len(read), len(unread)


def _write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_atomic(path, lines.encode("utf-8"))


def read_phonemes(folder: Path) -> dict[str, list[str]]:
    """Symbols of every transcribed utterance, marks between the sounds included."""
    path = folder / PHONEMES_FILE
    if not path.exists():
        raise NotFound(f"{folder} has no phonemes: run `yinse corpus build` first")
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return {row["id"]: row["symbols"] for row in rows}


def symbol_ids(folder: Path) -> dict[str, list[int]]:
    """Ids of the symbols of every transcribed utterance."""
    return {name: [SYMBOL_IDS[s] for s in symbols] for name, symbols in read_phonemes(folder).items()}


def spoken_ids(folder: Path) -> dict[str, list[int]]:
    """Ids of the sounds of every transcribed utterance, marks left out."""
    phonemes = read_phonemes(folder)
    return {name: [SYMBOL_IDS[s] for s in symbols if is_spoken(s)] for name, symbols in phonemes.items()}
