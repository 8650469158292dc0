"""Text whose every character remembers which characters of the user's input it came from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""Half-open character range [start, end) in the user's input."""


@dataclass(frozen=True, slots=True)
class Spanned:
    """A string and, in parallel, the input span of each of its characters."""

    text: str
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        if len(self.text) != len(self.spans):
            raise ValueError(f"{len(self.text)} characters but {len(self.spans)} spans")

    def __len__(self) -> int:
        return len(self.text)

    def slice(self, start: int, end: int) -> "Spanned":
        """Characters [start, end) with their spans."""
        return Spanned(self.text[start:end], self.spans[start:end])

    def cover(self, start: int, end: int) -> Span:
        """The smallest input span that covers characters [start, end); they must not be empty."""
        spans = self.spans[start:end]
        return min(span[0] for span in spans), max(span[1] for span in spans)


@dataclass(slots=True)
class SpannedBuilder:
    """Collects characters copied from a `Spanned` or said in place of a stretch of input."""

    _texts: list[str] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)

    def copy(self, source: Spanned, start: int, end: int) -> None:
        """Append characters [start, end) of `source` as they are."""
        if start == end:
            return
        self._texts.append(source.text[start:end])
        self._spans.extend(source.spans[start:end])

    def say(self, text: str, span: Span) -> None:
        """Append `text`, all of it standing for the input characters `span`."""
        self._texts.append(text)
        self._spans.extend([span] * len(text))

    @property
    def last(self) -> str:
        """The last character so far, or an empty string."""
        return self._texts[-1][-1:] if self._texts else ""

    def build(self) -> Spanned:
        """The text collected so far."""
        return Spanned("".join(self._texts), tuple(self._spans))


def join(parts: Iterable[Spanned]) -> Spanned:
    """Concatenate spanned texts."""
    builder = SpannedBuilder()
    for part in parts:
        builder.copy(part, 0, len(part))
    return builder.build()


def runs(labels: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Bounds [start, end) of the maximal runs of equal neighbours."""
    start = 0
    for index in range(1, len(labels) + 1):
        if index == len(labels) or labels[index] != labels[start]:
            yield start, index
            start = index
