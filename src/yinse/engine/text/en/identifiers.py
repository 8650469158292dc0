"""English figures that are names rather than amounts: telephones, codes, versions, models, regnal numbers."""

import re
from typing import Final

from yinse.engine.text.en.numbers import cardinal, decimal, digits, ordinal, year
from yinse.engine.text.normalise import TokenClass, before, token
from yinse.engine.text.patterns import (
    DOTTED,
    HYPHENATED,
    INTERNATIONAL,
    MODEL_NUMBER,
    is_network_address,
    roman_value,
)

_CODE_BEFORE: Final = re.compile(
    r"\b(?:code|PIN|pin|password|ID|id|extension|ext|account|flight|room|call|dial|zip|serial|order|number is|model)"
    r"(?:\s(?:number|no\.?|code))?[\s:#.]{1,2}$",
    re.IGNORECASE,
)
_ROOM: Final = re.compile("(?:room|flight|ext)", re.IGNORECASE)
"""Whose zeros are said oh: Room 302."""
_NUMERAL: Final = r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?<=[IVXL])"
_NO_HEAD: Final = frozenset(
    "The An His Her Its Their My Your Our This That Give Start With In On At Size And Or No".split()
)
"""Before these, capitals such as IV and XL are initials."""
_REGNAL: Final = (
    "Henry|Louis|George|Edward|Elizabeth|William|Charles|James|Richard|John|Paul|Pius|Benedict|Leo|Gregory|Innocent|"
    "Clement|Alexander|Frederick|Philip|Napoleon|Nicholas|Catherine|Mary|Peter|Ivan|Ferdinand|Leopold|Wilhelm|Ramses|"
    "Francis|Felipe|Albert|Christian|Rudolf|Franz|Otto|Selim|Mehmed|Murad"
)
_I_DO: Final = (
    "am|have|had|think|thought|said|say|know|knew|love|like|want|wanted|will|would|can|could|need|hope|guess|mean|saw|"
    "see|do|don|did|just|really|told|also|never"
)
"""After these `I` is the speaker: `James I think so`."""
_NUMBERED: Final = (
    "Chapter|CHAPTER|Part|PART|Volume|Book|Act|ACT|Scene|Section|Article|War|Phase|Type|Class|Grade|Level|Title|"
    "Episode|Appendix|Figure|Table|Unit|Stage|Category"
)


def _grouped(match: re.Match[str]) -> str:
    return ", ".join(
        digits(group, "oh" if len(group) < 4 else "zero") for group in re.findall(r"\d+", match.group())
    )


def _code(match: re.Match[str]) -> str | None:
    announced = _CODE_BEFORE.search(before(match, 24))
    if announced and len(match.group()) < 5 and _ROOM.match(announced.group()):
        return digits(match.group(), "oh")
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


def _sequel(match: re.Match[str]) -> str | None:
    """`Rocky II`, `Super Bowl LVIII`: two letters or more after a name."""
    return None if match[1] in _NO_HEAD else _numbered(match)


def _aircraft(match: re.Match[str]) -> str:
    """`747` -> seven forty seven, `737-800` -> seven thirty seven eight hundred."""
    groups = re.findall(r"\d+", match[1])
    return " ".join(f"{cardinal(group[:-2])} {_hundreds(group)}" for group in groups)


def _hundreds(figures: str) -> str:
    return "hundred" if figures.endswith("00") else cardinal(figures[-2:])


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
    token("aircraft", r"(?<=Boeing )(7\d7(?:-[1-9]00)?)(?![\d-])", _aircraft),
    token("fiscal year", r"\b([FC]Y)\s?((?:19|20)\d\d)(?!\d)", lambda m: f"{m[1]} {year(m[2])}"),
    token(
        "emergency line", r"(?<![\d.,$-])911(?![\d.,]\d|[\d%]|\s[a-z]{4,}s\b)", lambda match: "nine one one"
    ),
    token("retirement plan", r"\b401\(?[kK]\)?", lambda match: "four oh one K"),
    token("regnal", rf"\b({_REGNAL})\s({_NUMERAL})\b(?!'[^s])(?!(?<=\sI)\s(?:{_I_DO})\b)", _regnal),
    token("numbered", rf"\b({_NUMBERED})\s({_NUMERAL})\b(?!')", _numbered),
    token("sequel", rf"\b([A-Z][a-z]+)\s((?=[IVXL]{{2}}){_NUMERAL})\b(?!')", _sequel),
)
