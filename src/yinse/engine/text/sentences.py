"""Where sentences end: after terminal marks and line breaks, never inside a number, an abbreviation or a quotation."""

import re
from collections.abc import Iterator
from typing import Final

from yinse.engine.text.abbreviations import POINTED

_END: Final = re.compile("[。．！？!?.\n]")
_TERMINAL: Final = frozenset("。．！？!?.")
_CLOSING: Final = frozenset("”’」』）)】》〉〕]}\"'»")
_CJK_TERMINAL: Final = frozenset("。．！？")
_DAYS: Final = frozenset("Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun".split())
_SHORTENED: Final = "|".join(map(re.escape, sorted({*POINTED, *"Dr St p al Sep".split()} - _DAYS)))
_ABBREVIATION: Final = re.compile(rf"(?:^|[^A-Za-z])(?:{_SHORTENED}|(?<!\d)[A-Z]|(?:[A-Za-z]\.)+[A-Za-z])$")
_NUMBERED: Final = re.compile(r"(?:^|[^A-Za-z])[Nn]os?$")
_LIST_NUMBER: Final = re.compile(r"(?:^|\n)[ \t]*\d{1,2}$")
_ITEM_NUMBER: Final = re.compile(r"[\s：:]\d{1,2}$")
_INITIALS: Final = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]$")
SENTENCE_START: Final = (
    r"\s+(?:He|She|It|They|We|You|I|The|This|That|These|Those|"
    r"But|And|So|If|When|What|There|His|Her|My|Our|Their)\b"
)
"""After the last point of initials these begin a sentence: `in the U.S. He`."""
_STARTS: Final = re.compile(SENTENCE_START)
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
    if text[mark] == "." and _numbers_item(text, mark, end):
        return False
    if text[mark] == "." and end == mark + 1 and _is_abbreviated(text, mark, end):
        return not following or following == "\n"
    return not ((text[mark] == "." or quoted) and _LOWER_CASE.match(text, end))


def _numbers_item(text: str, mark: int, end: int) -> bool:
    """Whether figures and a point number an item of a list: at the beginning of a line, or right before a hanzi."""
    before = text[max(0, mark - _LOOKBACK) : mark]
    if _LIST_NUMBER.search(before):
        return bool(text[end : end + _LOOKBACK].strip())
    return "\u4e00" <= text[end : end + 1] <= "\u9fff" and _ITEM_NUMBER.search(before) is not None


def _is_abbreviated(text: str, mark: int, end: int) -> bool:
    """Whether the point at `mark` belongs to the word before it: `Apt. 4B`, `No. 5`, but not `No. I said so.`"""
    before = text[max(0, mark - _LOOKBACK) : mark]
    if _NUMBERED.search(before):
        return text[end : end + _LOOKBACK].lstrip()[:1].isdigit()
    if _INITIALS.search(before) and _STARTS.match(text, end):
        return False
    return _ABBREVIATION.search(before) is not None


def _line_ends_sentence(text: str, mark: int) -> bool:
    """A line break ends a sentence unless a Latin line was merely wrapped (no mark before, lower case after)."""
    before, after = text[mark - 1 : mark], text[mark + 1 : mark + 2]
    wrapped = before.isascii() and (before.isalnum() or before in tuple(",;-"))
    return not (wrapped and after.isascii() and after.islower())
