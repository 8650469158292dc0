"""The bundled tables in `data/`: tab-separated text, some compressed; `# ` begins a comment."""

import gzip
from functools import cache
from importlib import resources
from typing import Final

from yinse.engine.text.phoneme import Language

_COLUMNS: Final[dict[Language, int]] = {"zh": 1, "en": 2, "ja": 3}


def read_bytes(name: str) -> bytes:
    """Content of a data file, decompressed when its name ends in `.gz`."""
    content = resources.files("yinse.engine.text").joinpath("data", name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def lines(name: str) -> list[str]:
    """Lines of a table, comments and empty lines left out."""
    return [
        line for line in read_bytes(name).decode("utf-8").splitlines() if line and not line.startswith("# ")
    ]


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Rows of a small table."""
    return tuple(tuple(line.split("\t")) for line in lines(name))


def column(name: str, language: Language) -> dict[str, str]:
    """First column -> the column of a language, of a table with columns for zh, en and ja; empty cells left out."""
    place = _COLUMNS[language]
    return {row[0]: row[place] for row in rows(name) if len(row) > place and row[place]}
