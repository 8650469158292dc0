"""The published ways to cut a text, `cut0` to `cut5`, for callers that name one.

Their known weaknesses (decimals and abbreviations are cut, marks are lost) are part of what the name promises; the
house's own segmentation has none of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

MARKS: Final = "，。？！,.?!~:：—…"
"""Marks after which a clause ends."""
_CUT5_MARKS: Final = frozenset(",.;?!、，。？！：…")
_SILENT: Final = frozenset("!?…,.- ")
_CLAUSES: Final = re.compile(f"[^{MARKS}]*[{MARKS}]")
_LONG: Final = 50
_POINT: Final = re.compile(r"(?<!\d)\.(?!\d)")


def clauses(text: str) -> list[str]:
    """Cut after every mark, with a full stop added where none ends the text."""
    text = text.replace("……", "。").replace("——", "，")
    if not text.endswith(tuple(MARKS)):
        text += "。"
    return _CLAUSES.findall(text)


def no_cut(text: str) -> str:
    """The text as it is."""
    return text


def by_four_clauses(text: str) -> str:
    """Groups of four clauses; what would begin the last group joins the one before, so that it has five to eight."""
    text = text.strip("\n")
    parts = clauses(text)
    starts = range(0, len(parts), 4)[:-1]
    if not starts:
        return _lines([text], _SILENT)
    return _lines(
        ("".join(parts[start : start + 4 if start != starts[-1] else None]) for start in starts), _SILENT
    )


def by_fifty_characters(text: str) -> str:
    """Clauses gathered until they exceed fifty characters; a short last group joins the one before."""
    text = text.strip("\n")
    parts = clauses(text)
    if len(parts) < 2:
        return text
    groups = [""]
    for part in parts:
        if len(groups[-1]) > _LONG:
            groups.append("")
        groups[-1] += part
    if len(groups) > 1 and len(groups[-1]) < _LONG:
        last = groups.pop()
        groups[-1] += last
    return _lines(groups, _SILENT)


def by_chinese_stop(text: str) -> str:
    """At every Chinese full stop, which is lost."""
    return _lines(text.strip("\n").strip("。").split("。"), _SILENT)


def by_english_stop(text: str) -> str:
    """At every full stop outside a number, which is lost."""
    return _lines(_POINT.split(text.strip("\n").strip(".")), _SILENT)


def by_marks(text: str) -> str:
    """After every mark; a point between digits is none."""
    parts = [""]
    text = text.strip("\n")
    for index, char in enumerate(text):
        parts[-1] += char
        between_digits = text[index - 1 : index].isdigit() and text[index + 1 : index + 2].isdigit()
        if char in _CUT5_MARKS and not (char == "." and between_digits):
            parts.append("")
    return _lines(parts, _CUT5_MARKS)


def split_long(text: str, longest: int) -> list[str]:
    """Cut at marks so that no piece exceeds a length, where the text has marks enough."""
    pieces, current = [], ""
    for part in re.split(f"([{MARKS}])", text):
        if len(current + part) > longest:
            pieces.append(current)
            current = part
        else:
            current += part
    return [*pieces, current] if current else pieces


def _lines(parts: Iterable[str], silent: frozenset[str]) -> str:
    return "\n".join(part for part in parts if not set(part) <= silent)


CUTTERS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "cut0": no_cut,
        "cut1": by_four_clauses,
        "cut2": by_fifty_characters,
        "cut3": by_chinese_stop,
        "cut4": by_english_stop,
        "cut5": by_marks,
    }
)
"""Published names; the result has one piece a line."""
