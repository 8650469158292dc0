"""English dates and times."""

import re
from typing import Final

from yinse.engine.text.en.numbers import cardinal, digits, ordinal, plural, year
from yinse.engine.text.normalise import TokenClass, token
from yinse.engine.text.patterns import DASH, ISO_DATE, YEAR_AND_MONTH

MONTHS: Final = (
    "January February March April May June July August September October November December"
).split()
_SHORT: Final = {month[:3]: month for month in MONTHS} | {"Sept": "September"}
_MONTH: Final = "|".join(
    (*MONTHS, *(rf"{short}\.?" for short in sorted(_SHORT, key=len, reverse=True) if short != "May"))
)
_DAYS: Final = {day[:3]: day for day in "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()}
_DAY: Final = "((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|rs?|urs|days?|sday|nesday|rsday|urday)?)"
_CLOCK: Final = r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?"
_HALF_DAY: Final = r"(?:\s?([AaPp])\.?\s?[Mm]\b(?:\.(?=\s[a-z]|[,;)]|\s?[-–]))?)"
_HOUR: Final = "(1[0-2]|0?[1-9])"
_COUNTED: Final = (
    "km|kg|people|miles|meters|metres|men|women|years|dollars|times|words|tons|feet|pages|points"
)
"""What a number of four figures counts, when it is no year."""
_YEAR: Final = r"(1\d{3}|20\d\d)"


def month_name(written: str) -> str:
    """`Mar.`, `March` or `3` -> March."""
    if written.isdigit():
        return MONTHS[int(written) - 1]
    return _SHORT.get(written.rstrip("."), written)


def say_date(written_year: str | None, month: str, day: str) -> str:
    """`2024`, `3`, `5` -> March fifth, twenty twenty four."""
    spoken = f"{month_name(month)} {ordinal(day)}"
    return f"{spoken}, {year(written_year)}" if written_year else spoken


def say_clock(hour: str, minute: str, second: str | None, half: str | None) -> str:
    """`4:00` -> four o'clock, `9:05 pm` -> nine oh five P M, `13:30` -> thirteen thirty."""
    spoken = cardinal(hour)
    if int(minute):
        spoken += f" oh {cardinal(minute)}" if minute[0] == "0" else f" {cardinal(minute)}"
    elif half is None and second is None:
        spoken += " o'clock" if 1 <= int(hour) <= 12 else " hundred" if int(hour) > 12 else " o'clock"
    if second:
        spoken += f" and {cardinal(second)} seconds"
    return f"{spoken} {half.upper()} M" if half else spoken


def _clock(match: re.Match[str]) -> str:
    return say_clock(match[1], match[2], match[3], match[4])


def _clock_range(match: re.Match[str]) -> str:
    first = say_clock(match[1], match[2], match[3], match[4])
    return f"{first} to {say_clock(match[5], match[6], match[7], match[8])}"


def _hour(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])} {match[2].upper()} M"


def _hour_range(match: re.Match[str]) -> str:
    half = f" {match[2].upper()} M" if match[2] else ""
    return f"{cardinal(match[1])}{half} to {cardinal(match[3])} {match[4].upper()} M"


def _american(match: re.Match[str]) -> str:
    """`3/5/2024` and `3/5/24`; two figures from 50 on are of the last century."""
    century = "" if len(match[4]) == 4 else "19" if match[4] >= "50" else "20"
    return say_date(century + match[4], match[1], match[3])


def _day_of_month(match: re.Match[str]) -> str:
    spoken = f"{match[1]} {ordinal(match[2])} of {month_name(match[3])}"
    return f"{spoken}, {year(match[4])}" if match[4] else spoken


def _day_range(match: re.Match[str]) -> str:
    return f"{_DAYS[match[1][:3]]} to {_DAYS[match[2][:3]]}"


def _month_range(match: re.Match[str]) -> str:
    return f"{month_name(match[1])} to {month_name(match[2])}"


def _decade(match: re.Match[str]) -> str:
    figures = match.group().strip("'s")
    return plural(year(figures) if len(figures) == 4 else cardinal(figures))


def _year_range(match: re.Match[str]) -> str | None:
    if len(match[2]) == 2:
        return f"{year(match[1])} to {cardinal(match[2]) if match[2][0] != '0' else digits(match[2], 'oh')}"
    return f"{year(match[1])} to {year(match[2])}" if match[1] < match[2] else None


CLASSES: Final[tuple[TokenClass, ...]] = (
    token("year and month", YEAR_AND_MONTH, lambda m: f"{month_name(m[2])} {year(m[1])}"),
    token("time", rf"(?<![\d:]){_CLOCK}{_HALF_DAY}?(?![\d:])", _clock),
    token("time range", rf"(?<![\d:]){_CLOCK}{_HALF_DAY}?{DASH}{_CLOCK}{_HALF_DAY}?(?![\d:])", _clock_range),
    token("hour", r"(?<![\d:.])(1[0-2]|0?[1-9])\s?([AaPp])\.?[Mm]\b(?:\.(?=\s[a-z]|,))?", _hour),
    token(
        "hour range",
        rf"(?<![\d:.]){_HOUR}(?:\s?([AaPp])\.?[Mm]\b\.?)?{DASH}{_HOUR}\s?([AaPp])\.?[Mm]\b",
        _hour_range,
    ),
    token("date", ISO_DATE, lambda match: say_date(match[1], match[3], match[4])),
    token(
        "american date",
        rf"(?<![\d/-])(1[0-2]|0?[1-9])([-/])(3[01]|[12]\d|0?[1-9])\2({_YEAR}|(?<=/)\d\d)(?![\d/-])",
        _american,
    ),
    token(
        "month and day",
        rf"\b({_MONTH})\s(3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?:,?\s{_YEAR})?(?![\d:])\b",
        lambda match: say_date(match[3], match[1], match[2]),
    ),
    token(
        "day and month",
        rf"\b(3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s(?:of\s)?({_MONTH})(?:,?\s{_YEAR})?(?![\d:])\b",
        lambda match: say_date(match[3], match[2], match[1]),
    ),
    token(
        "day of month",
        rf"\b([Tt]he)\s(3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s(?:of\s)?({_MONTH})(?:,?\s{_YEAR})?(?![\d:])\b",
        _day_of_month,
    ),
    token("day range", rf"\b{_DAY}\.?\s?[-–]\s?{_DAY}\b", _day_range),
    token("month range", rf"\b({_MONTH})\s?[-–]\s?({_MONTH})\b", _month_range),
    token("short year", r"(?<!\w)'0(\d)(?![\d'])(?!s\b)", lambda match: f"oh {cardinal(match[1])}"),
    token(
        "month and year",
        rf"\b({_MONTH}),?\s{_YEAR}\b",
        lambda match: f"{month_name(match[1])} {year(match[2])}",
    ),
    token("decade", r"(?<![\d.,])(?:(?:1\d|20)\d0|'?[2-9]0)'?s\b", _decade),
    token(
        "round numbers",
        r"(?<![\d.,$])1(0{1,6})s\b(?=\sof)",
        lambda m: plural(cardinal("1" + m[1]).removeprefix("one ")),
    ),
    token("year range", rf"(?<![\d.,-]){_YEAR}[-–](\d{{4}}|\d\d)(?![\d-])", _year_range),
)
YEAR: Final = token(
    "year",
    rf"(?<![\d.,$€£¥/:])(?<![^a-z]-){_YEAR}(?![\d%/:-]|[.,]\d|\s?(?:{_COUNTED}))",
    lambda m: year(m[1]),
)
"""Four figures that look like a year; any other class that claims them comes first."""
