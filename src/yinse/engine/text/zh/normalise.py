"""Mandarin text normalisation: the token classes together, and `<say-as>`."""

import re
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text import currencies
from yinse.engine.text.abbreviations import pointed_classes
from yinse.engine.text.addresses import ADDRESS, say_address, spell
from yinse.engine.text.characters import DIRECTIVE_BASE, DIRECTIVE_LIMIT
from yinse.engine.text.directives import SayAsKind
from yinse.engine.text.normalise import Normaliser, Reader, token
from yinse.engine.text.patterns import NUMERAL
from yinse.engine.text.zh import calendar, identifiers, quantities, symbols
from yinse.engine.text.zh.numbers import cardinal, decimal, digits, telephone

_ADDRESSES: Final = (
    token("address", ADDRESS, lambda match: say_address(match.group(), symbols.MARK_NAMES, digits)),
)
CLASSES: Final = (
    *_ADDRESSES,
    *pointed_classes(lambda page: f"第{cardinal(page)}页"),
    quantities.SCORE,
    *calendar.CLASSES,
    *identifiers.CLASSES,
    *quantities.CLASSES,
    *symbols.CLASSES,
)
_START: Final = re.compile(
    rf"[{chr(DIRECTIVE_BASE)}-{chr(DIRECTIVE_LIMIT)}]|[\d.+\-−±/(（^~～→⇒:;·•{re.escape(''.join(symbols.NAMES))}{currencies.SIGN}]|{NUMERAL}"
    r"|(?<![A-Za-z])[A-Za-z]"
)
_READER: Final = Reader(
    CLASSES,
    {
        "date": ("date",), "time": ("time", "time range"), "percent": ("percent", "percent range"),
        "money": ("money", "money after"), "fraction": ("fraction",),
    },
)  # fmt: skip


def say_as(kind: SayAsKind, content: str) -> str:
    """Read `content` as the class that the user declared."""
    content = content.strip()
    figures = re.sub(r"\D", "", content)
    if kind == "word":
        return content
    if kind == "characters":
        return _spell(content)
    if kind in ("digits", "telephone") and figures:
        return (telephone if kind == "telephone" else digits)(figures)
    if kind in ("cardinal", "ordinal") and re.fullmatch(r"-?[\d,]*\.?\d+", content):
        spoken = ("负" if content[0] == "-" else "") + decimal(content.lstrip("-"))
        return f"第{spoken}" if kind == "ordinal" else spoken
    if (spoken_as := _READER.read(kind, content)) is not None:
        return spoken_as
    raise InvalidInput(f"{content!r} cannot be said as {kind}.")


def _spell(content: str) -> str:
    parts = (
        spell(char) if char.isalpha() and char.isascii() else _name(char)
        for char in content
        if not char.isspace()
    )
    return " ".join(parts)


def _name(char: str) -> str:
    return cardinal(char) if char.isdigit() and char.isascii() else symbols.MARK_NAMES.get(char, char)


NORMALISER: Final = Normaliser(CLASSES, _START, say_as)
