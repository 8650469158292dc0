"""Mandarin dates and times."""

import re
from typing import Final

from yinse.engine.text.normalise import TokenClass, token
from yinse.engine.text.patterns import CLOCK, DASH, FEET_OR_MINUTES, HALF_DAY, ISO_DATE, YEAR_AND_MONTH
from yinse.engine.text.zh.numbers import cardinal, counting, digits

_SPAN_AFTER: Final = re.compile("年(?:前|后|间|来|历|以[前来]|之[前后]|的?时间)")


_YEAR_CONTEXT: Final = "(?:出生|毕业|入学|生人|生的|世界杯|奥运|[春夏秋冬初底])"
"""What makes two figures before 年 a year rather than a number of years."""


def say_clock(figures: str) -> str:
    """`8:30` -> 八点半, `12:05` -> 十二点零五分, `8:00` -> 八点, with seconds when written."""
    hour, minute, *second = re.split("[:：]", figures)
    spoken = ("两" if hour in ("2", "02") else cardinal(hour)) + "点"
    if second:
        return f"{spoken}{_sixtieth(minute)}分{_sixtieth(second[0])}秒"
    if minute == "30":
        return spoken + "半"
    return spoken if minute == "00" else f"{spoken}{_sixtieth(minute)}分"


def _sixtieth(figures: str) -> str:
    return "零" + cardinal(figures) if figures[0] == "0" and figures != "00" else cardinal(figures)


def _half_day(match: re.Match[str]) -> str:
    """`3:00pm` -> 下午三点."""
    clock = match[1] if ":" in match[1] or "：" in match[1] else f"{match[1]}:00"
    return ("上午" if match[2] in "Aa" else "下午") + say_clock(clock)


def _half_day_first(match: re.Match[str]) -> str:
    return ("上午" if match[1] in "Aa" else "下午") + say_clock(match[2])


def _clock_range(match: re.Match[str]) -> str:
    return f"{say_clock(match[1])}到{say_clock(match[2])}"


def say_date(year: str, month: str, day: str) -> str:
    """`2024`, `03`, `05` -> 二零二四年三月五日."""
    return f"{digits(year)}年{cardinal(month)}月{cardinal(day)}日"


def _month_day(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}月{cardinal(match[2])}日"


def _year_range(match: re.Match[str]) -> str | None:
    return f"{digits(match[1])}到{digits(match[2])}" if match[1] < match[2] else None


def _year(match: re.Match[str]) -> str | None:
    """A year by its digits; a round number before 年前, 年历史 and the like is a span of years."""
    if match.group().endswith("00") and _SPAN_AFTER.match(match.string, match.end()):
        return None
    return digits(match.group())


_CALENDAR_UNIT: Final = "年月日号点时"
CLASSES: Final[tuple[TokenClass, ...]] = (
    token("year and month", YEAR_AND_MONTH, lambda m: f"{digits(m[1])}年{cardinal(m[2])}月"),
    token("this year", r"(?<=[今去明前后]年是)(?:19|20)\d\d(?![\d.,万亿])", lambda m: digits(m.group())),
    token("half day", rf"(?<![\d:])({CLOCK}|1[0-2]|[1-9]){HALF_DAY}", _half_day),
    token("half day first", rf"(?<![A-Za-z])([AaPp])[Mm]\s?({CLOCK})(?![\d:])", _half_day_first),
    token("time", rf"(?<![\d:]){CLOCK}(?![\d:])", lambda match: say_clock(match.group())),
    token("time range", rf"(?<![\d:])({CLOCK}){DASH}({CLOCK})(?![\d:])", _clock_range),
    token("date", ISO_DATE, lambda match: say_date(match[1], match[3], match[4])),
    token(
        "year range",
        rf"(?<!\d)(1[5-9]\d\d|20\d\d){DASH}(1[5-9]\d\d|20\d\d)(?=年|学年|赛季|财年)",
        _year_range,
    ),
    token("year", r"(?<![\d.,])[12]\d{3}(?=年)", _year),
    token(
        "class year",
        r"(?<![\d.,])(?:19|20)\d\d(?=[届款]|财年|学年|赛季|年度|级(?!台阶|地震|别))",
        lambda m: digits(m.group()),
    ),
    token(
        "month and day", r"(?<![\d/])(?=0|\d\d/0)(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])(?![\d/])", _month_day
    ),
    token("to", rf"(?<=[{_CALENDAR_UNIT}])[-~～](?=\d{{1,4}}[{_CALENDAR_UNIT}])", lambda _: "到"),
    token("to weekday", r"(?<=[周期][一二三四五六日])[-~～](?=周|星期)", lambda _: "到"),
    token("minutes and seconds", FEET_OR_MINUTES, lambda m: f"{counting(m[1])}分{cardinal(m[2])}秒"),
    token(
        "short year",
        rf"(?<![\d.,])(?:\d\d(?=年\d{{1,2}}月)|0\d(?=年)|[6-9]\d(?=年{_YEAR_CONTEXT}))",
        lambda m: digits(m.group()),
    ),
    token(
        "cohort",
        r"(?<![\d.,])(\d[05])(?=(?:[、和/]\d[05])*后(?![面边来天续期台悔果方代世勤卫排半]))",
        lambda m: digits(m.group()),
    ),
    token("decade", r"(?<![\d.,])(00|[12]\d{3})(?=年代)", lambda match: digits(match.group())),
)
