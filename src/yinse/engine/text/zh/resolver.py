"""What else may read Mandarin polyphones: the place where a model joins the phrase dictionary and its rules."""

from collections.abc import Mapping
from typing import Protocol


class PolyphoneResolver(Protocol):
    """Reads polyphones in their context. Called from several threads at once."""

    def __call__(self, clause: str) -> Mapping[int, str]:
        """Positions in a clause of simplified hanzi and the numbered pinyin there, for those that it can tell."""
        ...
