"""Where sentences end: after terminal marks and line breaks, never inside a number, an abbreviation or a quotation."""

import re
from collections.abc import Iterator
from typing import Final

_END: Final = re.compile("[。．！？!?.\n]")
_TERMINAL: Final = frozenset("。．！？!?.")
_CLOSING: Final = frozenset("”’」』）)】》〉〕]}\"'»")
_CJK_TERMINAL: Final = frozenset("。．！？")
_ABBREVIATION: Final = re.compile(
    r"(?:^|[^A-Za-z])(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Gov|Sen|Rep|vs|etc|approx|dept|"
    r"est|[Cc]h|nos?|Nos?|p|Sec|Eq|vol|Vol|fig|Fig|pp|cf|al|Inc|Ltd|Co|Corp|Ave|Blvd|Rd|Mt|Ft|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|"
    r"Oct|Nov|Dec|e\.g|i\.e|a\.m|p\.m|[A-Z]|(?:[A-Za-z]\.)+[A-Za-z])$"
)
_LOWER_CASE: Final = re.compile(r"[ \t]{0,8}\n?[a-z]")
_GOES_ON: Final = frozenset("とっ，,、他她我的")
"""What follows the closing quote when the sentence around a quotation goes on: `“走！”他说`, `「行こう！」と言った`."""
_LOOKBACK: Final = 24


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Bounds [start, end) of the sentences of `text`: adjacent, in order, together the whole. Linear."""
    start = position = 0
    while match := _END.search(text, position):
        position = _tail(text, match.end())
        if _ends_sentence(text, match.start(), position):
            yield start, position
            start = position
    if start < len(text):
        yield start, len(text)


def _tail(text: str, position: int) -> int:
    """Move over further terminal marks and closing quotes."""
    while position < len(text) and (text[position] in _TERMINAL or text[position] in _CLOSING):
        position += 1
    return position


def _ends_sentence(text: str, mark: int, end: int) -> bool:
    if text[mark] == "\n":
        return _line_ends_sentence(text, mark)
    quoted = text[end - 1] in _CLOSING
    if any(char in _CJK_TERMINAL for char in text[mark:end]):
        return not (quoted and text[end : end + 1] in _GOES_ON)
    following = text[end : end + 1]
    if following and not following.isspace() and following.isascii():
        return False
    abbreviated = end == mark + 1 and _ABBREVIATION.search(text[max(0, mark - _LOOKBACK) : mark])
    if text[mark] == "." and abbreviated:
        return not following or following == "\n"
    return not ((text[mark] == "." or quoted) and _LOWER_CASE.match(text, end))


def _line_ends_sentence(text: str, mark: int) -> bool:
    """A line break ends a sentence unless a Latin line was merely wrapped (no mark before, lower case after)."""
    before, after = text[mark - 1 : mark], text[mark + 1 : mark + 2]
    wrapped = before.isascii() and (before.isalnum() or before in tuple(",;-"))
    return not (wrapped and after.isascii() and after.islower())
