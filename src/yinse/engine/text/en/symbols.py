"""Abbreviations and signs that English reads as words."""

import re
from typing import Final

from yinse.engine.text.abbreviations import POINTED
from yinse.engine.text.addresses import spell
from yinse.engine.text.en.numbers import cardinal, to_ordinal
from yinse.engine.text.normalise import TokenClass, after, token
from yinse.engine.text.patterns import LIST_NUMBER, NUMERAL, numeral_value
from yinse.engine.text.sentences import SENTENCE_START
from yinse.engine.text.signs import emoticon_class, sign_class, suffix_class
from yinse.engine.text.tables import column

NAMES: Final = column("signs.tsv", "en")
MARK_NAMES: Final = column("mark_names.tsv", "en")
_ABBREVIATION: Final = "|".join(re.escape(short) for short in sorted(POINTED, key=len, reverse=True))
_FULL_STOP_STAYS: Final = r"(?:\.(?=\s*[^\s\"”’)])|(?=\.))"
"""The point of an abbreviation goes with it, unless it also ends the text."""


def _doctor(match: re.Match[str]) -> str:
    """`Dr. Smith` is a doctor, `Elm Dr.` a drive; so too with `St.`."""
    title, street = ("Doctor", "Drive") if match.group()[0] == "D" else ("Saint", "Street")
    named = re.match(r"\s+[A-Z]", after(match, 4))
    return title if named else street


def _numeral(match: re.Match[str]) -> str:
    above, below = numeral_value(match.group())
    if below == "1":
        return cardinal(above)
    name = {"2": "half", "4": "quarter"}.get(below) or to_ordinal(cardinal(below))
    return f"{cardinal(above)} {name if above == '1' else name + 's'}"


CLASSES: Final[tuple[TokenClass, ...]] = (
    token("generation", r"\bGen\.(?=\s[XYZ]\b)", lambda match: "Gen"),
    token("title", rf"\b(?:Dr|St){_FULL_STOP_STAYS}", _doctor),
    token("abbreviation", rf"\b({_ABBREVIATION}){_FULL_STOP_STAYS}", lambda match: POINTED[match[1]]),
    token("numero", r"(?:\b[Nn]os?\.|\bNo|№|#)\s?(?=\d)", lambda match: "number"),
    token("list number", LIST_NUMBER, lambda match: f"{cardinal(match[1])},"),
    token("with", r"\bw/(?=[\sA-Za-z])", lambda match: "with"),
    token("without", r"\bw/o\b", lambda match: "without"),
    token(
        "initials",
        rf"\b(?:[A-Za-z]\.){{2,}}(?=\s*[^\s])(?!{SENTENCE_START})|\b(?:[A-Za-z]\.)+[A-Za-z](?=\.)",
        lambda m: spell(m.group().replace(".", "")),
    ),
    token("initial", r"\b([A-Z])\.(?=\s[A-Z])", lambda match: match[1]),
    token(
        "joined letters",
        r"\b([A-Z]{1,2})&([A-Z]{1,2})\b",
        lambda match: f"{spell(match[1])} and {spell(match[2])}",
    ),
    token("hashtag", r"#(?=[A-Za-z])", lambda match: "hashtag"),
    token("grade", r"\b([A-F])\+(?![\w+])", lambda match: f"{match[1]} plus"),
    sign_class(NAMES),
    emoticon_class(),
    token("page", r"\bp\.\s?(?=\d)", lambda match: "page "),
    token("abbreviation without point", r"\b(?:etc|vs)\b(?!\.)", lambda match: POINTED[match.group()]),
    suffix_class(" plus plus", " sharp"),
    token("dot net", r"(?<![\w.])\.(?=NET\b)", lambda match: "dot"),
    token("numeral", NUMERAL, _numeral),
    token("slash", r"(?<=[A-Za-z])/(?=[A-Za-z])", lambda match: " "),
)
