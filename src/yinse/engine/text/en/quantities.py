"""English amounts: money, percentages, temperatures, units, fractions, ranges, arithmetic, plain numbers."""

import re
from typing import Final

from yinse.engine.text import currencies
from yinse.engine.text.en.numbers import cardinal, decimal, ordinal, plural, to_ordinal
from yinse.engine.text.normalise import TokenClass, after, before, token
from yinse.engine.text.patterns import (
    ABOUT,
    DASH,
    DECIMAL_SCORE,
    ENDS_WORD,
    FEET_OR_MINUTES,
    FRACTION,
    HOURS_AND_MINUTES,
    NUMBER,
    POWER,
    SCIENTIFIC,
    SIGNED,
    SPACED,
)
from yinse.engine.text.tables import column

_MONEY: Final = {written: names.split("/") for written, names in column("currencies.tsv", "en").items()}
"""Currency -> its name for one and for several and, where amounts have them, its coin for one and for several."""
UNITS: Final = column("units.tsv", "en")
_AMBIGUOUS: Final = frozenset({"in", "mi", "cal", "oz", "L", "l", "s", "t", "m", "g", "W", "V"})
_UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_IRREGULAR: Final = {"foot": "feet", "inch": "inches"} | {
    unit: unit for unit in ("hertz", "kilohertz", "megahertz", "gigahertz")
}
_SCALES: Final = {
    "k": "thousand",
    "K": "thousand",
    "M": "million",
    "m": "million",
    "bn": "billion",
    "B": "billion",
    "T": "trillion",
}
_SCALE: Final = r"(?:\s?(thousand|million|billion|trillion)\b|([kKMmBT]|bn)(?![A-Za-z]))?"
_OPERATORS: Final = {"+": "plus", "-": "minus", "−": "minus", "–": "minus", "×": "times", "*": "times", "x": "times",
                     "÷": "divided by", "/": "divided by", "=": "equals", "≈": "is about"}  # fmt: skip
_PER: Final = dict(pair.split(":") for pair in (
    "mo:month month:month yr:year year:year wk:week week:week day:day night:night hr:hour hour:hour min:minute "
    "minute:minute sec:second second:second person:person ea:piece piece:piece item:item user:user page:page share:share"
).split())  # fmt: skip
"""What an amount may be per, after a slash: `$5/hr`, `$10/month`."""
_LETTERED: Final = re.compile(
    r"(?:Apt\.?|Apartment|Suite|Unit|Room|Seat|Gate|Row|Block|Section|Exhibit|Flat|Platform|#)\s?$"
)
"""After these a capital belongs to the number: `Apt. 4B`."""
_POINTED: Final = "in|ft|lbs?|oz|hrs?|mins?|secs?|mi"
_BELOW: Final = {"2": "half", "4": "quarter"}


def _plural_unit(unit: str) -> str:
    head, space, tail = unit.partition(" per ")
    words = head.split(" ")
    words[-1] = _IRREGULAR.get(words[-1]) or plural(words[-1])
    return " ".join(words) + space + tail


def _quantity(figures: str, unit: str) -> str:
    return f"{decimal(figures)} {unit if figures == '1' else _plural_unit(unit)}"


def say_money(currency: str, figures: str, scale: str | None) -> str:
    """`$`, `6.24` -> six dollars and twenty four cents; `$`, `3.5`, `million` -> three point five million dollars."""
    one, several, *coins = _MONEY[currency]
    if scale:
        return f"{decimal(figures)} {_SCALES.get(scale, scale)} {several}"
    whole, _, fraction = figures.replace(",", "").partition(".")
    notes = f"{cardinal(whole or '0')} {one if whole == '1' else several}"
    if not fraction or not int(fraction):
        return notes
    if not coins or len(fraction) > 2:
        return f"{decimal(figures)} {several}"
    count = fraction.ljust(2, "0")
    change = f"{cardinal(count)} {coins[0] if int(count) == 1 else coins[1]}"
    return f"{notes} and {change}" if int(whole or "0") else change


def _temperature(match: re.Match[str]) -> str:
    scale = {"C": " Celsius", "F": " Fahrenheit"}.get(match[2].replace("℃", "C").replace("℉", "F")[-1], "")
    figures = match[1].lstrip("-−+")
    sign = "minus " if match[1][0] in "-−" else ""
    return f"{sign}{decimal(figures)} degree{'' if figures == '1' else 's'}{scale}"


def _unit(match: re.Match[str]) -> str | None:
    """A unit; an ambiguous one (`5 in`, `3 s`) only when it touches the figures."""
    if match[2] and match[3] in _AMBIGUOUS and match[3] not in ("L", "W", "V", "mi", "oz", "g", "m"):
        return None
    per = f" per {UNITS[match[4]]}" if match[4] else ""
    return _quantity(match[1], UNITS[match[3]]) + per


def _unit_range(match: re.Match[str]) -> str:
    return f"{decimal(match[1])} to {_quantity(match[2], UNITS[match[3]])}"


def _ratio_word(above: int, below: int) -> str:
    """`10/10` is out of ten, `50/50` has no word, `120/80` is over."""
    if above > below:
        return "over "
    return "out of " if below in (5, 10, 100) else ""


def say_fraction(match: re.Match[str]) -> str | None:
    """`3/4` -> three quarters, `1/2` -> one half, `1 1/2` -> one and a half, `24/7` and `9/11` as they are said."""
    whole, above, below = match[1], match[2], match[3]
    if (above, below) in (("24", "7"), ("9", "11")):
        return f"{cardinal(above)} {cardinal(below)}"
    if int(below) < 2:
        return None
    rating = below in ("10", "100") and above != "1" and not re.match(r"\s(?:of|inch)", after(match, 5))
    if not whole and (int(above) >= int(below) > 4 or rating):
        return f"{cardinal(above)} {_ratio_word(int(above), int(below))}{cardinal(below)}"
    name = _BELOW.get(below) or to_ordinal(cardinal(below))
    if whole and above == "1":
        return f"{cardinal(whole)} and a {name}"
    several = "halves" if name == "half" else name + "s"
    spoken = f"{cardinal(above)} {name if above == '1' else several}"
    return f"{cardinal(whole)} and {spoken}" if whole else spoken


def _part_of_unit(match: re.Match[str]) -> str | None:
    """`1/2 tsp` -> one half teaspoon, `1 1/2 tsp` -> one and a half teaspoons."""
    part, unit = say_fraction(match), UNITS[match[4]]
    return None if part is None else f"{part} {_plural_unit(unit) if match[1] else unit}"


def _per(match: re.Match[str]) -> str:
    return f" per {_PER.get(match[1]) or UNITS[match[1]]}"


def _arithmetic(match: re.Match[str]) -> str:
    spoken: list[str] = []
    for item in re.findall(rf"{NUMBER}|[^\s\d.,]", match.group()):
        if item[0].isdigit() or item[0] == ".":
            spoken.append(decimal(item))
        else:
            spoken.append("minus" if item in "-−" else _OPERATORS[item])
    return " ".join(spoken)


def _plain(match: re.Match[str]) -> str:
    figures = match.group()
    sign = {"-": "minus ", "−": "minus ", "+": "plus ", "±": "plus or minus "}.get(figures[0], "")
    return sign + decimal(figures[1:] if sign else figures)


def _scaled(match: re.Match[str]) -> str | None:
    """`100k` is a hundred thousand, but `4K` names a picture size and `221B Baker Street` a house."""
    if match[2] == "B" and (re.match(r"\s[A-Z]", after(match, 2)) or _LETTERED.search(before(match, 10))):
        return None
    if match[2] == "K" and match[1] in ("2", "4", "5", "8"):
        return f"{cardinal(match[1])} K"
    return f"{decimal(match[1])} {_SCALES[match[2]]}"


def _power(match: re.Match[str]) -> str:
    return {"2": "squared", "3": "cubed"}.get(match[1]) or f"to the power of {_signed(match[1])}"


_OPERAND: Final = rf"{NUMBER}(?:\s?[+\-−–×*x÷/]\s?{NUMBER}){{1,12}}"
CLASSES: Final[tuple[TokenClass, ...]] = (
    token(
        "money",
        rf"((?<!\d)[-−])?({currencies.BEFORE})\s?([-−])?({NUMBER}){_SCALE}",
        lambda m: ("minus " if m[1] or m[3] else "") + say_money(m[2], m[4], m[5] or m[6]),
    ),
    token(
        "money range",
        rf"({currencies.BEFORE})\s?({NUMBER}){DASH}(?:{currencies.BEFORE})?({NUMBER}){_SCALE}",
        lambda m: f"{decimal(m[2])} to {say_money(m[1], m[3], m[4] or m[5])}",
    ),
    token("score out of", DECIMAL_SCORE, lambda m: f"{decimal(m[1])} out of {cardinal(m[2])}"),
    token("about", ABOUT, lambda match: "about "),
    token(
        "height",
        r"(?<![\d.])([3-8])'(1[01]|\d)(?![\d'])",
        lambda m: f"{cardinal(m[1])} foot {cardinal(m[2])}",
    ),
    token(
        "feet and inches in words",
        r"(\d+)\s?ft\.?\s(\d+)\s?in\b",
        lambda m: f"{cardinal(m[1])} foot {cardinal(m[2])}",
    ),
    token(
        "money after",
        rf"({NUMBER}){_SCALE}\s?({currencies.AFTER})",
        lambda m: say_money(m[4], m[1], m[2] or m[3]),
    ),
    token("percent", rf"({SIGNED})\s?%", lambda match: f"{_signed(match[1])} percent"),
    token(
        "percent range",
        rf"({NUMBER})%?{DASH}({NUMBER})\s?%",
        lambda m: f"{decimal(m[1])} to {decimal(m[2])} percent",
    ),
    token("temperature", rf"((?<!\d)[-−+]?{NUMBER})(\s?(?:°\s?[CF]?|℃|℉)){ENDS_WORD}", _temperature),
    token("unit", rf"({NUMBER})([\s-]?)({_UNIT})(?:/({_UNIT}))?{ENDS_WORD}", _unit),
    token("unit range", rf"({NUMBER}){DASH}({NUMBER})\s?({_UNIT}){ENDS_WORD}", _unit_range),
    token(
        "unit with a point",
        rf"({NUMBER})\s?(?:({_POINTED})\.(?=,|\s+[a-z(])|(in)(?=\.\s*$))",
        lambda m: _quantity(m[1], UNITS[m[2] or m[3]]),
    ),
    token("per", rf"(?<=\d)/({'|'.join(_PER)}|{_UNIT})(?![A-Za-z])", _per),
    token(
        "count per",
        rf"({NUMBER})\s([a-z]+)/({'|'.join(_PER)})(?![A-Za-z])",
        lambda m: f"{decimal(m[1])} {m[2]} per {_PER[m[3]]}",
    ),
    token(
        "hours and minutes",
        HOURS_AND_MINUTES,
        lambda m: f"{_quantity(m[1], 'hour')} {_quantity(m[2], 'minute')}",
    ),
    token("fraction", rf"{FRACTION}(?:(?:rd|th|nd)s\b)?", say_fraction),
    token("fraction of unit", rf"{FRACTION}\s?({_UNIT}){ENDS_WORD}", _part_of_unit),
    token("spaced number", SPACED, lambda match: cardinal(match.group().replace(" ", ""))),
    token("equation", rf"{_OPERAND}\s?[=≈]\s?[-−]?{NUMBER}", _arithmetic),
    token(
        "product or sum", rf"{NUMBER}(?:\s?[+×÷*]\s?{NUMBER}){{1,12}}|\d+\s?x\s?\d+{ENDS_WORD}", _arithmetic
    ),
    token(
        "between",
        rf"(?<![\d.A-Za-z-])({NUMBER}){DASH}({NUMBER})(?![\d-])",
        lambda m: f"{decimal(m[1])} to {decimal(m[2])}",
    ),
    token(
        "ratio",
        r"(?<![\d:])(\d+):(\d+)(?![\d:])",
        lambda match: f"{cardinal(match[1])} to {cardinal(match[2])}",
    ),
    token(
        "ordinal",
        r"(?<![\d.])(\d[\d,]{0,24})(?:st|nd|rd|th)\b",
        lambda match: ordinal(match[1].replace(",", "")),
    ),
    token(
        "times",
        rf"(?<![A-Za-z])({NUMBER})[x×](?=\s(?:faster|slower|more|less|better|bigger|larger|smaller|cheaper|higher|as|the)\b)",
        lambda m: f"{decimal(m[1])} times",
    ),
    token("scaled", rf"(?<![A-Za-z])({NUMBER})([kKMB]|bn)(?![A-Za-z\d])", _scaled),
    token("feet and inches", FEET_OR_MINUTES, lambda m: f"{cardinal(m[1])} foot {cardinal(m[2])}"),
    token("cents", rf"({NUMBER})\s?¢", lambda m: f"{decimal(m[1])} cent{'' if m[1] == '1' else 's'}"),
    token(
        "scientific",
        SCIENTIFIC,
        lambda m: f"{decimal(m[1])} times ten to the power of {_signed(m[2].lstrip('+'))}",
    ),
    token("power", POWER, _power),
    token("and more", rf"(?<![A-Za-z])({NUMBER})\+(?![\w+])", lambda match: f"{decimal(match[1])} plus"),
    token("number", SIGNED, _plain),
)


def _signed(figures: str) -> str:
    sign = {"-": "minus ", "−": "minus ", "+": "plus ", "±": "plus or minus "}.get(figures[0], "")
    return sign + decimal(figures[1:] if sign else figures)
