"""Signs that Mandarin reads aloud, and the names of characters when they are spelled."""

from typing import Final

from yinse.engine.text.normalise import TokenClass, token
from yinse.engine.text.patterns import NUMERAL, numeral_value
from yinse.engine.text.signs import emoticon_class, sign_class, suffix_class
from yinse.engine.text.tables import column
from yinse.engine.text.zh.numbers import cardinal

NAMES: Final = column("signs.tsv", "zh")
MARK_NAMES: Final = column("mark_names.tsv", "zh")


def say_numeral(char: str) -> str:
    """A character that is a number by itself: ① -> 一, Ⅷ -> 八, ½ -> 二分之一."""
    above, below = numeral_value(char)
    return cardinal(above) if below == "1" else f"{cardinal(below)}分之{cardinal(above)}"


CLASSES: Final[tuple[TokenClass, ...]] = (
    sign_class(NAMES),
    emoticon_class(),
    suffix_class("加加", " sharp"),
    token("numeral", NUMERAL, lambda match: say_numeral(match.group())),
)
