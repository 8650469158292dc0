"""Signs that Mandarin reads aloud, and the names of characters when they are spelled."""

from typing import Final

from yinse.engine.text.normalise import TokenClass, token
from yinse.engine.text.patterns import LIST_NUMBER, NUMERAL, numeral_value
from yinse.engine.text.signs import break_class, emoticon_class, sign_class, suffix_class
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
    break_class(),
    token(
        "list number",
        rf"{LIST_NUMBER}|(?<=[\s：:])(\d{{1,2}})\.(?=[\u4e00-\u9fff])",
        lambda match: f"{cardinal(match[1])}，" if match[1] else f"，{cardinal(match[2])}，",
    ),
    suffix_class("加加", " sharp"),
    token("numeral", NUMERAL, lambda match: say_numeral(match.group())),
)
