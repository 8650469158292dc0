"""Patterns that written numbers share across languages."""

import unicodedata
from fractions import Fraction
from typing import Final

NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])|\d+(?:\.\d+)?|(?<![\dA-Za-z.])\.\d+)"
"""An unsigned number: `1024`, `1,000,000`, `3.14`, `.5`."""
SIGNED: Final = rf"(?:(?<![\dA-Za-z)])[-−+±])?{NUMBER}"
DASH: Final = r"\s?(?:[-~～〜–]|—{1,2})\s?"
"""What stands between the two ends of a range."""
CLOCK: Final = r"(?:[01]?\d|2[0-4])[:：][0-5]\d(?:[:：][0-5]\d)?"
ISO_DATE: Final = r"(?<!\d)([12]\d{3})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?![\d/-]|\.\d)"
FRACTION: Final = r"(?<![\d/.])(?:(\d{1,3})\s)?(\d{1,4})/(\d{1,4})(?![\d/])"
DOTTED: Final = r"(?<![\d.])\d+(?:\.\d+){2,8}(?![\d])"
"""Three or more figures with dots between: a version or a network address."""
HYPHENATED: Final = r"(?<![A-Za-z\d_-])\d+(?:-\d+){2,8}(?![A-Za-z\d_-])"
DECIMAL_SCORE: Final = r"(?<![\d/.])(\d+\.\d+)/(\d{1,4})(?![\d/])"
YEAR_AND_MONTH: Final = r"(?<![\d/])((?:19|20)\d\d)/(1[0-2]|0?[1-9])(?![\d/])"
INTERNATIONAL: Final = r"(?<!\d)\+\d{1,3}(?:[- ]?\d{2,4}){2,5}(?!\d)"
"""A telephone number with its country's code."""
MODEL_NUMBER: Final = r"(?<=[A-Za-z]\d)-(\d{2,5})(?!\d)"
"""Figures of a name after its series: `i7-12700K`."""
HALF_DAY: Final = r"\s?([AaPp])\.?[Mm]\.?(?![A-Za-z])"
ABOUT: Final = r"(?<![\w~〜～])[~〜～]\s?(?=\d)"
SCIENTIFIC: Final = r"(?<![A-Za-z\d.])(\d(?:\.\d+)?)[eE]([-+]?\d{1,3})(?![A-Za-z\d.])"
SPACED: Final = r"(?<![\d.,] )(?<![\d.,])[1-9]\d{0,2}(?: \d{3}){0,4}(?:(?<= \d\d\d) \d{3}| 000)(?! ?\d)"
"""A whole number in groups of three set off by spaces: `1 000 000`."""
LIST_NUMBER: Final = r"(?<![\s\S])(\d{1,2})\.(?=\s?[^\s\d.])"
"""What numbers an item at the beginning of a line: `1. Open the app`."""
HOURS_AND_MINUTES: Final = r"(?<![\w.])(\d{1,2})\s?h(?:rs?)?\s?([0-5]?\d)\s?m(?:ins?)?(?![A-Za-z\d])"
POWER: Final = r"(?<=[A-Za-z\d)π])\^\(?(-?\d+)\)?"
FEET_OR_MINUTES: Final = r"(?<![\d.])(\d{1,3})['′]\s?(\d{1,2})[\"″”]"
"""`5'10"`: feet and inches in English, minutes and seconds elsewhere."""
ENDS_WORD: Final = r"(?![A-Za-z])"

NUMERAL: Final = "[①-⑳⑴-⒇❶-❿Ⅰ-Ⅻⅰ-ⅻ½¼¾⅓⅔⅛㊀-㊉]"
"""Characters that are a number by themselves."""
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def numeral_value(char: str) -> tuple[str, str]:
    """Numerator and denominator of a `NUMERAL`, as figures: ⑤ -> ("5", "1"), ½ -> ("1", "2")."""
    value = Fraction(unicodedata.numeric(char)).limit_denominator(100)
    return str(value.numerator), str(value.denominator)


def roman_value(numeral: str) -> int:
    """Value of a Roman numeral in capitals."""
    values = [_ROMAN[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def is_network_address(dotted: str) -> bool:
    """Whether `DOTTED` text is an IPv4 address rather than a version."""
    parts = dotted.split(".")
    return len(parts) == 4 and all(int(part) < 256 for part in parts) and any(len(part) > 2 for part in parts)
