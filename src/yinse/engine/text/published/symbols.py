"""The symbol tables of the published checkpoints. Their order is part of every weight file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from yinse.contracts.errors import InvalidInput

UNKNOWN: Final = "UNK"
FIRST_TABLE: Final = 322
"""Symbols of the v1 table; the v2 table begins with them."""
_DATA: Final = files("yinse.engine.text.published") / "data"


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """Symbols and their ids. `prosody` tells whether Japanese rise and fall marks are part of it."""

    name: str
    ids_of: Mapping[str, int]

    @property
    def prosody(self) -> bool:
        """Whether Japanese pitch marks belong to the table."""
        return "[" in self.ids_of

    def ids(self, symbols: Iterable[str]) -> tuple[int, ...]:
        """Ids of symbols; one that is not in the table is `UNK`, as the checkpoints were trained."""
        unknown = self.ids_of[UNKNOWN]
        return tuple(self.ids_of.get(symbol, unknown) for symbol in symbols)


@cache
def table(name: str) -> SymbolTable:
    """The table `v1` (322 symbols) or `v2` (732). Raises `InvalidInput` for another name."""
    symbols = (_DATA / "symbols.txt").read_text("utf-8").splitlines()
    sizes = {"v1": FIRST_TABLE, "v2": len(symbols)}
    if name not in sizes:
        raise InvalidInput(f"There is no symbol table '{name}'.")
    ids = {symbol: index for index, symbol in enumerate(symbols[: sizes[name]])}
    return SymbolTable(name, MappingProxyType(ids))


@cache
def syllables() -> Mapping[str, tuple[str, str]]:
    """Every pinyin syllable without its tone, and its two symbols (the tone number follows the second)."""
    lines = (_DATA / "pinyin.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return MappingProxyType({pinyin: (onset, rime) for pinyin, onset, rime in rows})
