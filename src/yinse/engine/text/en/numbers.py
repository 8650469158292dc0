"""English numerals: figures to words, in American style (no "and")."""

from typing import Final

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES: Final = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_IRREGULAR: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
LONGEST_CARDINAL: Final = 18


def digits(figures: str, zero: str = "zero") -> str:
    """Digit by digit; other characters are left out."""
    return " ".join(zero if char == "0" else _SMALL[int(char)] for char in figures if char.isdigit())


def cardinal(figures: str) -> str:
    """A whole number of at most 18 digits, longer ones digit by digit: `1024` -> one thousand twenty four."""
    figures = figures.replace(",", "")
    stripped = figures.lstrip("0")
    if not stripped:
        return "zero"
    if len(stripped) > LONGEST_CARDINAL:
        return digits(figures)
    number, parts, scale = int(stripped), [], 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            parts.append(f"{_below_thousand(group)} {_SCALES[scale]}".strip())
        scale += 1
    return " ".join(reversed(parts))


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest:
        parts.append(_below_hundred(rest))
    return " ".join(parts)


def _below_hundred(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]} {_SMALL[ones]}" if ones else _TENS[tens]


def ordinal(figures: str) -> str:
    """`21` -> twenty first."""
    return to_ordinal(cardinal(figures))


def to_ordinal(spoken: str) -> str:
    """Turn the last word of a cardinal into its ordinal."""
    before, _, last = spoken.rpartition(" ")
    changed = _IRREGULAR.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return f"{before} {changed}".strip()


def decimal(figures: str) -> str:
    """A number that may have thousands separators and decimals: `3.14` -> three point one four."""
    whole, _, fraction = figures.replace(",", "").partition(".")
    spoken = cardinal(whole or "0")
    return f"{spoken} point {digits(fraction)}" if fraction else spoken


def year(figures: str) -> str:
    """A year of four digits: `1999` nineteen ninety nine, `1905` nineteen oh five, `2004` two thousand four."""
    century, rest = int(figures[:2]), int(figures[2:])
    if century % 10 == 0 and rest < 10:
        return cardinal(figures)
    if rest == 0:
        return f"{_below_hundred(century)} hundred"
    tail = f"oh {_SMALL[rest]}" if rest < 10 else _below_hundred(rest)
    return f"{_below_hundred(century)} {tail}"


def plural(spoken: str) -> str:
    """Plural of the last word: nineteen ninety -> nineteen nineties, hundred -> hundreds, six -> sixes."""
    if spoken.endswith("y"):
        return spoken[:-1] + "ies"
    return spoken + ("es" if spoken.endswith("x") else "s")
