"""Where a text may be cut that holds directions (`<lang ...>`, `<break/>`, `[zhang3]`), and pieces that stand alone; pure.

A cut is never inside a tag, a reading with its hanzi, or an element of a few words. `<speak>` and `<lang>` may hold a
whole book: a piece that begins inside them opens them again, and one that ends inside closes them. What the directions
mean, and what is wrong with them, is the engine's to say.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

_TAG: Final = re.compile(
    r"<(?P<close>/?)(?P<name>speak|lang|sub|phoneme|say-as|break)"
    r"(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]{0,500}\"|'[^']{0,500}'))*)\s*/?>"
)
_ELEMENT: Final = re.compile(r"<(sub|phoneme|say-as)\s[^<>]*>[^<]*</\1>")
_READING: Final = re.compile(r"\[[a-zü:]{1,7}[0-9](?: [a-zü:]{1,7}[0-9]){0,15}\]")
_BEGUN: Final = re.compile(
    r"(?:<(?:/?[a-z-]{0,8}|(?:speak|lang|sub|phoneme|say-as|break)\s[^<>]*)|\[[a-zü:0-9 ]{0,64}"
    r"|<(?:sub|phoneme|say-as)\s[^<>]*>[^<]*(?:</?[a-z-]{0,8})?)\Z"
)
"""A direction that is not whole yet: the rest may come with the next token."""
LONGEST_WORD: Final = 4
"""Hanzi that a reading may follow; in a token that comes."""
_WRAPPERS: Final = ("speak", "lang")
_DEEPEST: Final = 8
"""Elements within one another that are opened again; nobody means more, and each piece would hold all of them."""
_Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and what stands before and after it so that it can be spoken alone."""

    before: str
    text: str
    after: str

    @property
    def whole(self) -> str:
        """What is spoken."""
        return self.before + self.text + self.after


def solid(text: str) -> list[_Span]:
    """Stretches that no cut may fall into; what may still become one at the end of the text reaches beyond it."""
    found = [match.span() for match in chain(_TAG.finditer(text), _ELEMENT.finditer(text))]
    for match in _READING.finditer(text):
        found.append((max(0, match.start() - match[0].count(" ") - 1), match.end()))
    if begun := _BEGUN.search(text):
        found.append((begun.start() - (LONGEST_WORD if begun[0][0] == "[" else 0), len(text) + 1))
    merged: list[_Span] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def may_cut(at: int, spans: Sequence[_Span]) -> bool:
    """Whether a text may be cut before its character `at`; `spans` are what `solid` found."""
    last = bisect_left(spans, (at,)) - 1
    return last < 0 or at >= spans[last][1]


def stand_alone(text: str, opened: tuple[str, ...] = ()) -> tuple[Piece, tuple[str, ...]]:
    """Close in a stretch what it leaves open, `opened` before it included; also tell what that is, for the next one."""
    open_now = list(opened)
    for match in _TAG.finditer(text):
        if match["name"] not in _WRAPPERS:
            continue
        if not match["close"] and len(open_now) < _DEEPEST:
            open_now.append(match[0])
        elif match["close"] and open_now and _name(open_now[-1]) == match["name"]:
            open_now.pop()
    closing = "".join(f"</{_name(tag)}>" for tag in reversed(open_now))
    return Piece("".join(opened), text, closing), tuple(open_now)


def has_words(text: str) -> bool:
    """Whether there is anything to say; a pause alone is nothing."""
    return any(character.isalnum() for character in _TAG.sub("", text))


def _name(tag: str) -> str:
    return tag[1:].split(">")[0].split()[0]
