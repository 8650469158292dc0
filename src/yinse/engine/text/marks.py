"""Punctuation as prosody: every mark becomes one of the inventory's six, or nothing."""

from typing import Final

_EQUAL: Final[dict[str, str]] = {
    **dict.fromkeys("，、；：,;:", ","),
    **dict.fromkeys("。．.｡", "."),
    **dict.fromkeys("？?⁇", "?"),
    **dict.fromkeys("！!‼", "!"),
    **dict.fromkeys("…⋯～~〜", "…"),
    **dict.fromkeys("—–―─", "-"),
    **dict.fromkeys("（）()【】〔〕", ","),
}
_RANK: Final = {mark: rank for rank, mark in enumerate(",-….!?")}


def mark_of(char: str) -> str | None:
    """The inventory's mark for a character, None when it is no mark (quotes are none)."""
    return _EQUAL.get(char)


def stronger(first: str, second: str) -> str:
    """Which of two adjacent marks is heard: `?` over `!` over `.` over `…` over `-` over `,`."""
    return first if _RANK[first] >= _RANK[second] else second
