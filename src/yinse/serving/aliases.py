"""Words that are to be read as other words, as `<sub>` markup, with the way back to the original text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from yinse.contracts.speech import LexiconRule

_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Aliased:
    """Marked-up text, and for each of its characters the one of the original it stands for."""

    text: str
    positions: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A span of the original text."""
        if self.positions is None or start >= len(self.positions):
            return start, end
        return self.positions[start], self.positions[min(end, len(self.positions)) - 1] + (end > start)


def with_aliases(text: str, rules: Sequence[LexiconRule]) -> Aliased:
    """Wrap every aliased word outside of tags; the longest word wins."""
    aliases = {rule.written: rule.alias for rule in rules if rule.alias is not None}
    if not aliases:
        return Aliased(text)
    words = sorted(aliases, key=len, reverse=True)
    pattern = re.compile("|".join([_TAG.pattern, *(f"({re.escape(word)})" for word in words)]))
    marked, positions, at = [], list[int](), 0
    for match in pattern.finditer(text):
        if match.lastindex is None:
            continue
        before = text[at : match.start()]
        opening, closing = f'<sub alias="{escape(aliases[match.group()] or "")}">', "</sub>"
        marked += [before, opening, match.group(), closing]
        positions += range(at, match.start())
        positions += [match.start()] * len(opening)
        positions += range(match.start(), match.end())
        positions += [match.end() - 1] * len(closing)
        at = match.end()
    marked.append(text[at:])
    positions += range(at, len(text))
    return Aliased("".join(marked), tuple(positions))
