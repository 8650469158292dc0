"""Mandarin dates and times."""

import re
from typing import Final

from yinse.engine.text.normalise import TokenClass, before, token
from yinse.engine.text.patterns import CLOCK, DASH, FEET_OR_MINUTES, HALF_DAY, ISO_DATE, YEAR_AND_MONTH
from yinse.engine.text.zh.numbers import cardinal, counting, digits

_SPAN_AFTER: Final = re.compile("年(?:前|后|间|来|历|以[前来]|之[前后]|的?时间)")


_YEAR_CONTEXT: Final = "(?:出生|毕业|入学|生人|生的|世界杯|奥运|[春夏秋冬初底])"
"""What makes two figures before 年 a year rather than a number of years."""
_LATE_YEAR_CONTEXT: Final = (
    "(?:世界杯|奥运|欧洲杯|亚运|高考|考研|春节|国庆|[上下]半年|[春夏秋冬]天|[初底]|的?时候|那会|"
    "毕业|入学|出生)"
)
"""As `_YEAR_CONTEXT`, for figures that count as often: 17年毕业, but 学了17年毕业."""
_EVENT: Final = (
    "奥运|亚运|世界杯|欧洲杯|春晚|春节|国庆|中秋|跨年|高考|考研|国考|世博|春夏|秋冬|新款|款|版(?!本)|"
    "[校春秋]招|应届|Q[1-4]|H[12]"
)
"""What follows a year without 年."""
_FESTIVAL: Final = "大促|购物|狂欢|活动|预售|[当那]天|晚会|假期|黄金周|放假|快到|来了|开抢"
_DATED: Final = re.compile(
    "(?:国庆|五一|春节|元旦|中秋|端午|清明|假期|放假|日期|时间|活动|休假)[是为：:]?\\s?$"
)
_LASTED: Final = re.compile("(?:时长|用时|片长|耗时|还剩|剩余|计时)[是为：:]?\\s?$")
_MONTH: Final = "(0?[1-9]|1[0-2])"
_DAY: Final = "(3[01]|[12]\\d|0?[1-9])"


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


def _festival(match: re.Match[str]) -> str:
    """`11.11大促` -> 双十一; `3.15晚会` by its figures; other days by month and day."""
    if match[1] == match[2] and len(match[1]) == 2:
        return f"双{cardinal(match[1])}"
    return digits(match[1] + match[2], one="幺") if match.group() == "3.15" else _month_day(match)


def _days_with_points(match: re.Match[str]) -> str | None:
    """`国庆10.1-10.7`: days of months after a word that dates, else decimals."""
    if not _DATED.search(before(match, 6)):
        return None
    return f"{_month_day(match)}到{cardinal(match[3])}月{cardinal(match[4])}日"


def _playing_time(match: re.Match[str]) -> str | None:
    """`时长03:25`: minutes and seconds."""
    return f"{cardinal(match[1])}分{_sixtieth(match[2])}秒" if _LASTED.search(before(match, 6)) else None


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
    token(
        "year and month with a point",
        r"(?<![\d.])((?:19|20)\d\d)\.(1[0-2]|0?[1-9])(?=$|[\s，。；、）)~～—至到-])",
        lambda m: f"{digits(m[1])}年{cardinal(m[2])}月",
    ),
    token(
        "date without points",
        r"(?<![\d.])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?![\d.元人次个万亿块吨])",
        lambda m: digits(m.group()),
    ),
    token("year of an event", rf"(?<![\d.,])20(?:0[1-9]|[1-3]\d)(?={_EVENT})", lambda m: digits(m.group())),
    token(
        "season",
        r"(?<![\d/])((?:19|20)\d\d)/(\d\d)(?=赛季|学年|财年|年度)",
        lambda m: digits(m[1] + m[2]),
    ),
    token(
        "day with a point",
        rf"(?<![\d.]){_MONTH}\.{_DAY}(?=[号日])",
        lambda m: f"{cardinal(m[1])}月{cardinal(m[2])}",
    ),
    token("festival", rf"(?<![\d.]){_MONTH}\.{_DAY}(?={_FESTIVAL})", _festival),
    token(
        "days with points",
        rf"(?<![\d.]){_MONTH}\.{_DAY}{DASH}{_MONTH}\.{_DAY}(?![\d.])",
        _days_with_points,
    ),
    token("playing time", r"(?<![\d:])([0-5]?\d)[:：]([0-5]\d)(?![:：\d])", _playing_time),
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
        rf"(?<![\d.,])(?:\d\d(?=年\d{{1,2}}月)|0\d(?=年)|[6-9]\d(?=年{_YEAR_CONTEXT})"
        rf"|(?<![了过近约满共第])[12]\d(?=年{_LATE_YEAR_CONTEXT}))",
        lambda m: digits(m.group()),
    ),
    token(
        "cohort",
        r"(?<![\d.,])(\d[05])(?=(?:[、和/]\d[05])*后(?![面边来天续期台悔果方代世勤卫排半]))",
        lambda m: digits(m.group()),
    ),
    token("decade", r"(?<![\d.,])(00|[12]\d{3})(?=年代)", lambda match: digits(match.group())),
)
