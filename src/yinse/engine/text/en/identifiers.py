"""English figures that are names rather than amounts: telephones, codes, versions, models, regnal numbers."""

import re
from typing import Final

from yinse.engine.text.en.numbers import cardinal, decimal, digits, ordinal
from yinse.engine.text.normalise import TokenClass, before, token
from yinse.engine.text.patterns import DOTTED, HYPHENATED, INTERNATIONAL, MODEL_NUMBER, is_network_address

_CODE_BEFORE: Final = re.compile(
    r"\b(?:code|PIN|pin|password|ID|id|extension|ext|account|flight|room|call|dial|zip|serial|order|number is|model)"
    r"(?:\s(?:number|no\.?|code))?[\s:#]{1,2}$",
    re.IGNORECASE,
)
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_REGNAL: Final = (
    "Henry|Louis|George|Edward|Elizabeth|William|Charles|James|Richard|John|Paul|Pius|Benedict|Leo|Gregory|Innocent|"
    "Clement|Alexander|Frederick|Philip|Napoleon|Nicholas|Catherine|Mary|Peter|Ivan|Ferdinand|Leopold|Wilhelm|Ramses"
)
_NUMBERED: Final = (
    "Chapter|CHAPTER|Part|Volume|Book|Act|Scene|Section|Article|War|Phase|Type|Class|Grade|Level|Title|Bowl|"
    "Vatican"
)


def roman_value(numeral: str) -> int:
    """Value of a Roman numeral in capitals."""
    values = [_ROMAN[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def _grouped(match: re.Match[str]) -> str:
    return ", ".join(
        digits(group, "oh" if len(group) < 4 else "zero") for group in re.findall(r"\d+", match.group())
    )


def _code(match: re.Match[str]) -> str | None:
    announced = _CODE_BEFORE.search(before(match, 24))
    leading_zero = match.group()[0] == "0" and len(match.group()) > 1
    return digits(match.group()) if announced or leading_zero else None


def say_dotted(figures: str) -> str:
    """A version part by part, a network address digit by digit."""
    parts = figures.split(".")
    say = digits if is_network_address(figures) else cardinal
    return " point ".join(say(part) if not part.startswith("0") else digits(part) for part in parts)


def _model(match: re.Match[str]) -> str | None:
    """Figures after letters: `iPhone15` -> fifteen, `B737` -> seven three seven, `H264`; not in `mid-1990`."""
    if match.group()[0] == "-" and before(match, 1).islower():
        return None
    figures = match[1]
    if "." in figures:
        return decimal(figures)
    return digits(figures) if len(figures) > 2 or figures[0] == "0" else cardinal(figures)


def _regnal(match: re.Match[str]) -> str:
    return f"{match[1]} the {ordinal(str(roman_value(match[2])))}"


def _numbered(match: re.Match[str]) -> str:
    return f"{match[1]} {cardinal(str(roman_value(match[2])))}"


CLASSES: Final[tuple[TokenClass, ...]] = (
    token("world war", r"\bWW(I{1,2})\b", lambda m: f"World War {cardinal(str(len(m[1])))}"),
    token(
        "telephone",
        r"(?<![\d.])(?:\+\d{1,3}[- ])?(?:\(\d{3}\)\s?|\d{3}[- ])\d{3}[- ]\d{4}(?!\d)|(?<![\d.-])\d{3}-\d{4}(?![\d-])",
        _grouped,
    ),
    token("international telephone", INTERNATIONAL, _grouped),
    token("versus", r"\b(\d)[vV](\d)\b", lambda m: f"{cardinal(m[1])} V {cardinal(m[2])}"),
    token("edition", r"(?<![A-Za-z])[Vv]er\.?\s?(?=\d)", lambda match: "version "),
    token("model number", MODEL_NUMBER, lambda match: digits(match[1])),
    token("hyphenated code", HYPHENATED, _grouped),
    token("code", r"(?<![\d.,])\d+(?![\d.,]\d|\d|%|st\b|nd\b|rd\b|th\b)", _code),
    token("version", DOTTED, lambda match: say_dotted(match.group())),
    token("version letter", r"\b[vV](\d+(?:\.\d+)*)(?![\d.]\d)", lambda m: f"version {say_dotted(m[1])}"),
    token("model", r"(?<=[A-Za-z])-?(\d+(?:\.\d+)?)(?!\.?\d|s\b)", _model),
    token("long code", r"(?<![\d.,])\d{10,}(?![\d,]|\.\d)", lambda match: digits(match.group())),
    token("regnal", rf"\b({_REGNAL})\s([IVX]{{1,5}})\b(?!')", _regnal),
    token("numbered", rf"\b({_NUMBERED})\s([IVX]{{2,6}}|[IVX](?=[\s.,:;]))\b(?!')", _numbered),
)
