"""Mandarin numerals: figures to hanzi."""

from typing import Final

DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_GROUPS: Final = ("", "万", "亿", "万亿", "亿亿")
LONGEST_CARDINAL: Final = 16


def digits(figures: str, *, one: str = "一") -> str:
    """Digit by digit: `110` -> 一一零; telephone style says 幺 for one. Other characters are left out."""
    return "".join(one if char == "1" else DIGITS[int(char)] for char in figures if char.isdigit())


def telephone(figures: str) -> str:
    """Digit by digit with 幺, as numbers are dialled."""
    return digits(figures, one="幺")


def cardinal(figures: str) -> str:
    """A whole number of at most 16 digits, longer ones digit by digit: `1024` -> 一千零二十四."""
    figures = figures.replace(",", "")
    stripped = figures.lstrip("0")
    if not stripped:
        return "零"
    if len(stripped) > LONGEST_CARDINAL:
        return digits(figures)
    spoken = ""
    first = len(stripped) % 4 or 4
    groups = [stripped[:first], *(stripped[start : start + 4] for start in range(first, len(stripped), 4))]
    for index, group in enumerate(groups):
        place = len(groups) - 1 - index
        if int(group) == 0:
            continue
        said = _group(group, leading=not spoken)
        if not spoken and said == "二" and place:
            said = "两"
        spoken += said + _GROUPS[place]
    return spoken.removeprefix("一") if spoken.startswith("一十") else spoken


def _group(group: str, *, leading: bool) -> str:
    """Up to four digits: zeros inside are said once, zeros before are said unless the group leads the number."""
    spoken, pending = "", not leading and len(group) == 4 and group[0] == "0"
    for index, figure in enumerate(group):
        if figure == "0":
            pending = pending or bool(spoken)
            continue
        place = len(group) - 1 - index
        two = "两" if figure == "2" and place == 3 and leading else DIGITS[int(figure)]
        spoken += ("零" if pending else "") + two + _PLACES[place]
        pending = False
    return spoken


def decimal(figures: str) -> str:
    """A number that may have thousands separators and decimals: `1,234.5` -> 一千二百三十四点五, `.5` -> 零点五."""
    whole, _, fraction = figures.replace(",", "").partition(".")
    spoken = cardinal(whole or "0")
    return f"{spoken}点{digits(fraction)}" if fraction else spoken


def signed(figures: str) -> str:
    """As `decimal`, with a sign: `-5` -> 负五, `+3` -> 正三."""
    sign = {"-": "负", "+": "正"}.get(figures[:1], "")
    return sign + decimal(figures[1:] if sign else figures)


def counting(figures: str) -> str:
    """Before a measure word 2 is 两: `2` -> 两; 12 stays 十二."""
    return "两" if figures == "2" else decimal(figures)
