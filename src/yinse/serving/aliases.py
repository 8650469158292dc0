"""Words that are to be read as other words, as `<sub>` markup, with the way back to the original text."""

import re
from collections.abc import Collection, Iterator, Sequence
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
    marked, positions, at = [], list[int](), 0
    for start, word in _words(text, aliases):
        opening, closing = f'<sub alias="{escape(aliases[word])}">', "</sub>"
        end = start + len(word)
        marked += [text[at:start], opening, word, closing]
        positions += range(at, start)
        positions += [start] * len(opening)
        positions += range(start, end)
        positions += [end - 1] * len(closing)
        at = end
    marked.append(text[at:])
    positions += range(at, len(text))
    return Aliased("".join(marked), tuple(positions))


def _words(text: str, aliases: Collection[str]) -> Iterator[tuple[int, str]]:
    """Where aliased words stand. A look-up for each length of a word: there may be fifteen thousand, of few lengths."""
    lengths = sorted({len(word) for word in aliases}, reverse=True)
    at = 0
    while at < len(text):
        if tag := _TAG.match(text, at):
            at = tag.end()
            continue
        word = next((text[at : at + length] for length in lengths if text[at : at + length] in aliases), "")
        if word:
            yield at, word
        at += len(word) or 1
