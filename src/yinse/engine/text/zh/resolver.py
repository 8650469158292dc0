"""What else may read Mandarin polyphones: the place where a model joins the phrase dictionary and its rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol


class PolyphoneResolver(Protocol):
    """Reads polyphones in their context. Called from several threads at once."""

    def __call__(self, clause: str) -> Mapping[int, str]:
        """Positions in a clause of simplified hanzi and the numbered pinyin there, for those that it can tell."""
        ...


@dataclass(slots=True)
class LazyResolver:
    """A resolver whose model is loaded by the first Chinese clause; other languages never need it."""

    load: Callable[[], PolyphoneResolver]
    _loaded: PolyphoneResolver | None = None
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, clause: str) -> Mapping[int, str]:
        """Read the polyphones of a clause. Raises what loading raises."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self.load()
        return self._loaded(clause)
