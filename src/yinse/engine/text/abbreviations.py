"""English abbreviations with points inside Chinese and Japanese: `U.S.A.`, `Dr.王`, `Fig. 3`. No point ends a sentence."""

import re
from collections.abc import Callable
from typing import Final

from yinse.engine.text.addresses import spell
from yinse.engine.text.normalise import TokenClass, token
from yinse.engine.text.tables import rows

POINTED: Final = {row[0]: row[1] for row in rows("en_abbreviations.tsv")}
"""Abbreviation without its last point -> what it stands for."""
_TITLES: Final = {"Dr": "Doctor", "St": "Saint"}
_EVERYWHERE: Final = "Mr Mrs Ms Prof Jr Sr vs etc e.g i.e Inc Ltd Corp Fig Vol Ph.D".split()
_WORDS: Final = _TITLES | {short: POINTED[short] for short in _EVERYWHERE}


def pointed_classes(say_page: Callable[[str], str]) -> tuple[TokenClass, ...]:
    """The token classes of abbreviations; `say_page` says the number of a page."""
    words = "|".join(map(re.escape, sorted(_WORDS, key=len, reverse=True)))
    return (
        token("abbreviation", rf"(?<![A-Za-z.])({words})\.", lambda match: f"{_WORDS[match[1]]} "),
        token(
            "initials",
            r"(?<![A-Za-z.])(?:[A-Za-z]\.){2,}(?![A-Za-z])|(?<![A-Za-z.])(?:[A-Za-z]\.)+[A-Za-z](?![A-Za-z])",
            lambda match: spell(match.group().replace(".", "")),
        ),
        token("page", r"(?<![A-Za-z.])[Pp]{1,2}\.\s?(\d+)(?![\d.])", lambda match: say_page(match[1])),
    )
