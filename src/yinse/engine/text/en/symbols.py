"""Abbreviations and signs that English reads as words."""

import re
from typing import Final

from yinse.engine.text.addresses import spell
from yinse.engine.text.en.numbers import cardinal, to_ordinal
from yinse.engine.text.normalise import TokenClass, token
from yinse.engine.text.patterns import NUMERAL, numeral_value

NAMES: Final = {
    "&": "and", "@": "at", "+": "plus", "=": "equals", "×": "times", "÷": "divided by", "±": "plus or minus",
    "<": "less than", ">": "greater than", "＜": "less than", "＞": "greater than", "≤": "less than or equal to",
    "≥": "greater than or equal to", "≠": "not equal to", "≈": "approximately", "√": "square root of", "∞": "infinity",
    "°": "degrees", "%": "percent", "²": "squared", "³": "cubed", "π": "pi", "№": "number", "α": "alpha", "β": "beta",
    "γ": "gamma", "δ": "delta", "ε": "epsilon", "θ": "theta", "λ": "lambda", "μ": "mu", "σ": "sigma", "φ": "phi",
    "ω": "omega", "Ω": "ohm", "Δ": "delta", "Σ": "sigma", "η": "eta", "τ": "tau", "ρ": "rho", "ψ": "psi", "ξ": "xi",
}  # fmt: skip
ADDRESS_NAMES: Final = {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", ":": "colon",
                        "?": "question mark", "=": "equals"}  # fmt: skip
SPELLED: Final = ADDRESS_NAMES | {"#": "hash", "*": "star", "+": "plus", "&": "and", "%": "percent", "!": "exclamation mark",
                                  ",": "comma", ".": "dot"}  # fmt: skip
_DOTTED: Final = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Sr": "Senior", "Jr": "Junior", "vs": "versus",
    "etc": "et cetera", "e.g": "for example", "i.e": "that is", "approx": "approximately", "a.m": "A M", "p.m": "P M",
    "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Mt": "Mount", "Gen": "General", "Col": "Colonel",
    "Capt": "Captain", "Lt": "Lieutenant", "Sgt": "Sergeant", "Rev": "Reverend", "Hon": "Honorable", "Gov": "Governor",
    "Sen": "Senator", "Rep": "Representative", "Inc": "Incorporated", "Ltd": "Limited", "Co": "Company",
    "Corp": "Corporation", "dept": "department", "est": "established", "Fig": "Figure", "fig": "figure", "Vol": "Volume",
    "vol": "volume", "pp": "pages", "cf": "compare", "Mon": "Monday", "Tues": "Tuesday", "Wed": "Wednesday",
    "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday", "Jan": "January", "Feb": "February",
    "Mar": "March", "Apr": "April", "Aug": "August", "Sept": "September", "Oct": "October", "Nov": "November",
    "Dec": "December",
}  # fmt: skip
_SILENT_ALONE: Final = "<>=+&"
_ABBREVIATION: Final = "|".join(re.escape(short) for short in sorted(_DOTTED, key=len, reverse=True))
_FULL_STOP_STAYS: Final = r"(?:\.(?=\s*[^\s\"”’)])|(?=\.))"
"""The point of an abbreviation goes with it, unless it also ends the text."""


def _doctor(match: re.Match[str]) -> str:
    """`Dr. Smith` is a doctor, `Elm Dr.` a drive; so too with `St.`."""
    title, street = ("Doctor", "Drive") if match.group()[0] == "D" else ("Saint", "Street")
    named = re.match(r"\s+[A-Z]", match.string[match.end() :][:4])
    return title if named else street


def _sign(match: re.Match[str]) -> str | None:
    """A sign between operands; one that stands elsewhere (`>>`, `C++`) is decoration."""
    sign = match.group()
    if sign in _SILENT_ALONE:
        before, after = (
            match.string[: match.start()][-2:].strip()[-1:],
            match.string[match.end() :][:2].strip()[:1],
        )
        if not (before.isalnum() or before in ("²", "³", ")")) or not (after.isalnum() or after in "(-√"):
            return None
    return NAMES[sign]


def _numeral(match: re.Match[str]) -> str:
    above, below = numeral_value(match.group())
    if below == "1":
        return cardinal(above)
    name = {"2": "half", "4": "quarter"}.get(below) or to_ordinal(cardinal(below))
    return f"{cardinal(above)} {name if above == '1' else name + 's'}"


CLASSES: Final[tuple[TokenClass, ...]] = (
    token("title", rf"\b(?:Dr|St){_FULL_STOP_STAYS}", _doctor),
    token("abbreviation", rf"\b({_ABBREVIATION}){_FULL_STOP_STAYS}", lambda match: _DOTTED[match[1]]),
    token("numero", r"(?:\b[Nn]os?\.|\bNo|№|#)\s?(?=\d)", lambda match: "number"),
    token("with", r"\bw/(?=[\sA-Za-z])", lambda match: "with"),
    token("without", r"\bw/o\b", lambda match: "without"),
    token(
        "initials",
        r"\b(?:[A-Za-z]\.){2,}(?=\s*[^\s])|\b(?:[A-Za-z]\.)+[A-Za-z](?=\.)",
        lambda m: spell(m.group().replace(".", "")),
    ),
    token("initial", r"\b([A-Z])\.(?=\s[A-Z])", lambda match: match[1]),
    token(
        "joined letters",
        r"\b([A-Z]{1,2})&([A-Z]{1,2})\b",
        lambda match: f"{spell(match[1])} and {spell(match[2])}",
    ),
    token("hashtag", r"#(?=[A-Za-z])", lambda match: "hashtag"),
    token("sign", "[" + "".join(map(re.escape, NAMES)) + "]", _sign),
    token("numeral", NUMERAL, _numeral),
    token("slash", r"(?<=[A-Za-z])/(?=[A-Za-z])", lambda match: " "),
)
