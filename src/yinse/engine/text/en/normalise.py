"""English text normalisation: the token classes together, and `<say-as>`."""

import re
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text import currencies
from yinse.engine.text.addresses import ADDRESS, say_address, spell
from yinse.engine.text.characters import DIRECTIVE_BASE, DIRECTIVE_LIMIT
from yinse.engine.text.directives import SayAsKind
from yinse.engine.text.en import calendar, identifiers, quantities, symbols
from yinse.engine.text.en.numbers import decimal, digits, to_ordinal
from yinse.engine.text.normalise import Normaliser, Reader, token
from yinse.engine.text.patterns import NUMERAL

_ADDRESSES: Final = (
    token("address", ADDRESS, lambda match: say_address(match.group(), symbols.MARK_NAMES, digits)),
)
CLASSES: Final = (
    *_ADDRESSES, *calendar.CLASSES, *identifiers.CLASSES, calendar.YEAR, *quantities.CLASSES, *symbols.CLASSES,
)  # fmt: skip
_START: Final = re.compile(
    rf"[{chr(DIRECTIVE_BASE)}-{chr(DIRECTIVE_LIMIT)}]|[\d.+\-−±/(#'^~〜～:;{re.escape(''.join(symbols.NAMES))}{currencies.SIGN}]|{NUMERAL}"
    r"|(?<![A-Za-z])[A-Za-z]"
)
_READER: Final = Reader(
    CLASSES,
    {
        "date": ("date", "american date", "month and day", "day and month"), "time": ("time", "hour", "time range"),
        "percent": ("percent", "percent range"), "money": ("money", "money after"), "fraction": ("fraction",),
    },
)  # fmt: skip


def say_as(kind: SayAsKind, content: str) -> str:
    """Read `content` as the class that the user declared."""
    content = content.strip()
    figures = re.sub(r"\D", "", content)
    if kind == "word":
        return content.lower()
    if kind == "characters":
        return " ".join(_character(char) for char in content if not char.isspace())
    if kind in ("digits", "telephone") and figures:
        return digits(figures)
    if kind in ("cardinal", "ordinal") and re.fullmatch(r"-?[\d,]*\.?\d+", content):
        spoken = ("minus " if content[0] == "-" else "") + decimal(content.lstrip("-"))
        return to_ordinal(spoken) if kind == "ordinal" else spoken
    if (spoken_as := _READER.read(kind, content)) is not None:
        return spoken_as
    raise InvalidInput(f"{content!r} cannot be said as {kind}.")


def _character(char: str) -> str:
    if char.isdigit() and char.isascii():
        return digits(char)
    return spell(char) if char.isalpha() else symbols.MARK_NAMES.get(char, "")


NORMALISER: Final = Normaliser(CLASSES, _START, say_as, spaced=True)
