"""Mandarin amounts: money, percentages, temperatures, units, fractions, ranges, arithmetic, plain numbers."""

import re
from decimal import Decimal
from typing import Final

from yinse.engine.text import currencies
from yinse.engine.text.normalise import TokenClass, after, before, token
from yinse.engine.text.patterns import (
    ABOUT,
    DASH,
    DECIMAL_SCORE,
    ENDS_WORD,
    FRACTION,
    HOURS_AND_MINUTES,
    NUMBER,
    POWER,
    SCIENTIFIC,
    SIGNED,
    SPACED,
)
from yinse.engine.text.tables import column
from yinse.engine.text.zh.numbers import cardinal, counting, decimal, digits, signed

CURRENCIES: Final = column("currencies.tsv", "zh")
UNITS: Final = column("units.tsv", "zh")
_UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_SCALES: Final = {"k": 1000, "K": 1000, "M": 10**6, "B": 10**9, "million": 10**6, "billion": 10**9}
_SCALE: Final = r"(?:\s?(万亿|百万|千万|[万亿千]|million|billion|[kKMB](?![A-Za-z])))?"
_COUNTED_PER: Final = "[个只条张本辆天年月次位名人斤吨米秒分时小台件套间晚杯瓶盒箱平股亩]"
_DEGREES: Final = r"\s?(?:°\s?C|℃|°\s?F|℉|°|摄氏度|华氏度|度)"
_OPERATORS: Final = {
    "+": "加",
    "-": "减",
    "−": "减",
    "–": "减",
    "×": "乘",
    "*": "乘",
    "x": "乘",
    "÷": "除以",
    "/": "除以",
}
_MEASURES: Final = (
    "个|只|条|张|本|辆|天|年|次|位|名|人|斤|公斤|千克|克|吨|米|公里|千米|厘米|小时|分钟|秒|周|岁|块|元|角|场|栋|间|套|双|对|副|把|杯|"
    "瓶|碗|盘|包|盒|箱|袋|件|种|类|项|倍|批|份|篇|部|集|句|首|幅|座|台|架|艘|颗|粒|滴|片|段|节|夜|晚|门|口|家|所|匹|头|根|支|枝|棵|株|朵|束|笔|点|"
    "厅|室(?=[\\d一两二三]厅)|万|亿|千|美元|欧元|英镑|日元|英里|平方|立方|升|毫升|遍|趟|声|步|行|组|队|排|桶|篮|幢|扇|顶|则|轮|伙|群|届|道|圈|星期|礼拜|钟头"
)
_NO_COUNT: Final = "(?!两|年级|次[方元函曲])"
_COUNTED: Final = re.compile(rf"(?:多|余)?(?:{_MEASURES}){_NO_COUNT}")
_HOLIDAY: Final = re.compile("(?:妇女|青年|劳动|儿童|建军|教师|国庆|植树)节?")
_PRESSURE_BEFORE: Final = re.compile("(?:血压|高压)(?:是|为|在|：|:)?$")
_CALENDAR: Final = tuple("年月日号点时")
_SCORE_BEFORE: Final = re.compile("(?:比分|总分|比数|战绩|[以胜负平败克成])(?:是|为|：|:|\\s|了){0,2}$")

_WON: Final = "拿下|战胜|击败|获胜|取胜|领先|落后|险胜|力克|逆转|轻取|告负|惜败|不敌|[大完小惨险]胜|绝杀|战平|横扫|的?比分"
_SCORE_AFTER: Final = re.compile(_WON)


def _money(match: re.Match[str]) -> str:
    minus, currency, amount, scale = match[1] or match[3], match[2], match[4].replace(",", ""), match[5] or ""
    if scale in _SCALES:
        amount, scale = str(Decimal(amount) * _SCALES[scale]), ""
    trimmed = amount.rstrip("0").rstrip(".") if "." in amount else amount
    return ("负" if minus else "") + counting(trimmed) + scale + CURRENCIES[currency]


def _money_range(match: re.Match[str]) -> str:
    return f"{counting(match[2])}到{counting(match[3])}{match[4] or ''}{CURRENCIES[match[1]]}"


def _money_after(match: re.Match[str]) -> str:
    return counting(match[1]) + match[2] + CURRENCIES[match[3]]


def say_percent(figures: str, mark: str) -> str:
    """`12.5`, `%` -> 百分之十二点五; a minus sign is said first."""
    sign = {"-": "负", "−": "负", "+": "正"}.get(figures[:1], "")
    if (figures, mark) == ("100", "%"):
        return "百分之百"
    return f"{sign}{'千' if mark == '‰' else '百'}分之{decimal(figures[1:] if sign else figures)}"


def _percent_range(match: re.Match[str]) -> str:
    upper = say_percent(match[3], match[4]) if match[2] else decimal(match[3])
    return f"{say_percent(match[1], match[4])}到{upper}"


def _temperature(match: re.Match[str]) -> str:
    written = match[2].replace(" ", "")
    scale = {"°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "℉": "华氏度", "°": "度"}.get(written, written)
    below = match[1][0] in "-−"
    already = before(match, 2).endswith(("负", "零下"))
    return ("零下" if below and not already else "") + decimal(match[1].lstrip("-−+±")) + scale


def _temperature_range(match: re.Match[str]) -> str:
    scale = (
        "华氏度" if "F" in match[3] or "℉" in match[3] else "摄氏度" if match[3] not in ("°", "度") else "度"
    )
    ends = ["零下" + decimal(end[1:]) if end[0] in "-−" else decimal(end) for end in (match[1], match[2])]
    return f"{ends[0]}到{ends[1]}{scale}"


def _unit(match: re.Match[str]) -> str:
    return counting(match[1]) + UNITS[match[2]]


def _unit_range(match: re.Match[str]) -> str:
    return f"{counting(match[1])}到{counting(match[2])}{UNITS[match[3]]}"


def say_fraction(match: re.Match[str]) -> str | None:
    """`3/4` -> 四分之三, `1 1/2` -> 一又二分之一, `24/7` -> 二十四七."""
    whole, above, below = match[1], match[2], match[3]
    if _HOLIDAY.match(match.string, match.end()):
        return cardinal(above) + cardinal(below)
    if _PRESSURE_BEFORE.search(before(match, 4)):
        return f"{cardinal(above)}，{cardinal(below)}"
    if (above, below) == ("24", "7"):
        return "二十四七"
    if int(below) < 2:
        return None
    spoken = f"{cardinal(below)}分之{cardinal(above)}"
    return f"{cardinal(whole)}又{spoken}" if whole else spoken


def _arithmetic(match: re.Match[str]) -> str:
    return _say_arithmetic(match.group())


def _say_arithmetic(written: str) -> str:
    spoken: list[str] = []
    for item in re.findall(rf"{NUMBER}|[^\s\d.,]", written):
        if item[0].isdigit() or item[0] == ".":
            spoken.append(decimal(item))
        elif item in "=≈":
            spoken.append("等于" if item == "=" else "约等于")
        else:
            spoken.append("负" if item in "-−" and spoken[-1:] == ["等于"] else _OPERATORS[item])
    return "".join(spoken)


def _ratio(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}比{cardinal(match[2])}"


def _between(match: re.Match[str]) -> str:
    """Two numbers with a dash: a score after 比分 and the like, else a range."""
    score = _SCORE_BEFORE.search(before(match, 6)) or _SCORE_AFTER.match(match.string, match.end())
    counted = _COUNTED.match(match.string, match.end())
    say = counting if counted and not score else decimal
    return f"{say(match[1])}{'比' if score else '到'}{say(match[2])}"


def _plain(match: re.Match[str]) -> str | None:
    """A number with its sign; the dash in `25日-28日` is none."""
    figures = match.group().replace("−", "-").replace("±", "+")
    if figures[0] == "-" and before(match, 1) in _CALENDAR and after(match, 1) in _CALENDAR:
        return None
    if figures[0] == "+":
        return "加" + decimal(figures[1:]) if match.group()[0] == "+" else "正负" + decimal(figures[1:])
    if figures[0] == "-" and before(match, 1) in ("负", "第"):
        figures = figures[1:]
    return signed(figures)


def _neighbours(match: re.Match[str]) -> str | None:
    """`5、6个` -> 五六, `2、3天` -> 两三; 5、7个 are two numbers."""
    if int(match[2]) != int(match[1]) + 1:
        return None
    first = cardinal(match[1]) if after(match, 1) == "月" else counting(match[1])
    return first + cardinal(match[2])


def _informal(match: re.Match[str]) -> str | None:
    """`10w+` -> 十万加, `8k` -> 八千; 2k and 4k name picture sizes."""
    if match[2] == "k" and match[1] in ("2", "4"):
        return None
    return _say_scaled(match[1], match[2]) + ("加" if match[3] else "")


def _say_scaled(figures: str, scale: str) -> str:
    """`1.5w` -> 一点五万, `8k` -> 八千; a thousand times ten and more is written out: `12k` -> 一万二千."""
    if scale != "k" or Decimal(figures.replace(",", "")) < 10:
        return counting(figures) + {"w": "万", "k": "千"}.get(scale, "")
    return counting(f"{Decimal(figures.replace(',', '')) * 1000:.0f}")


def _informal_range(match: re.Match[str]) -> str:
    if match[4] == "k":
        return f"{_say_scaled(match[1], 'k')}到{_say_scaled(match[3], 'k')}"
    return f"{_say_scaled(match[1], match[2] or '')}到{_say_scaled(match[3], match[4])}"


_OPERAND: Final = rf"{NUMBER}(?:\s?[+\-−–×*x÷/]\s?{NUMBER}){{1,12}}"
SCORE: Final = token(
    "score",
    rf"(?<![\d:])(\d{{1,3}})[:：](\d{{1,3}})(?=\s?(?:{_WON}))",
    _ratio,
)
"""Two numbers with a colon that were won by; they would else be a time."""
CLASSES: Final[tuple[TokenClass, ...]] = (
    token(
        "informal range",
        rf"(?<![A-Za-z])({NUMBER})([wk])?{DASH}({NUMBER})([wk])(?![A-Za-z\d])",
        _informal_range,
    ),
    token("after metres", r"(?<=[\d一两二]米)(\d\d)(?![\d.厘公高长宽深])", lambda match: digits(match[1])),
    token("minutes of arc", r"(?<=\d°)\s?(\d{1,2})[′']", lambda match: f"{cardinal(match[1])}分"),
    token("score out of", DECIMAL_SCORE, lambda m: f"{decimal(m[1])}，满分{decimal(m[2])}"),
    token("about", ABOUT, lambda match: "约"),
    token("money", rf"((?<!\d)[-−])?({currencies.BEFORE})\s?([-−])?({NUMBER}){_SCALE}(?:元|美元)?", _money),
    token(
        "money range",
        rf"({currencies.BEFORE})\s?({NUMBER}){DASH}(?:{currencies.BEFORE})?({NUMBER})([万亿])?元?",
        _money_range,
    ),
    token("money after", rf"({NUMBER})([万亿千]?)\s?({currencies.AFTER})", _money_after),
    token("cents", rf"({NUMBER})\s?¢", lambda match: counting(match[1]) + "美分"),
    token("percent", rf"({SIGNED})\s?([%‰])", lambda match: say_percent(match[1], match[2])),
    token("percent range", rf"({SIGNED})([%‰]?){DASH}({NUMBER})\s?([%‰])", _percent_range),
    token("temperature", rf"((?<![\d])[-−+]?{NUMBER})({_DEGREES})(?![A-Za-z])", _temperature),
    token(
        "temperature range",
        rf"((?<!\d)[-−]?{NUMBER})(?:{_DEGREES})?\s?(?:[~～–—至到]|(?<=[\d℃C°])-)\s?([-−]?{NUMBER})({_DEGREES})",
        _temperature_range,
    ),
    token("unit", rf"(?<![A-Za-z])({NUMBER})\s?({_UNIT}){ENDS_WORD}", _unit),
    token("unit range", rf"({NUMBER}){DASH}({NUMBER})\s?({_UNIT}){ENDS_WORD}", _unit_range),
    token("per unit", rf"/\s?({_UNIT}){ENDS_WORD}", lambda match: "每" + UNITS[match[1]]),
    token(
        "per counted", rf"(?<=[\d元块度次字人件票页个米里克斤吨升步])/(?={_COUNTED_PER})", lambda match: "每"
    ),
    token("fraction", FRACTION, say_fraction),
    token("spaced number", SPACED, lambda match: cardinal(match.group().replace(" ", ""))),
    token(
        "hours and minutes",
        HOURS_AND_MINUTES,
        lambda match: f"{counting(match[1])}小时{cardinal(match[2])}分钟",
    ),
    token("equation", rf"{_OPERAND}\s?[=≈]\s?[-−]?{NUMBER}", _arithmetic),
    token(
        "product or sum", rf"{NUMBER}(?:\s?[+×÷*]\s?{NUMBER}){{1,12}}|\d+\s?x\s?\d+{ENDS_WORD}", _arithmetic
    ),
    token(
        "product of a unit",
        rf"({NUMBER}(?:\s?[×*x]\s?{NUMBER}){{1,2}})\s?({_UNIT}){ENDS_WORD}",
        lambda m: _say_arithmetic(m[1]) + UNITS[m[2]],
    ),
    token("between", rf"(?<![\d.A-Za-z-])({NUMBER}){DASH}({NUMBER})(?![\d-])", _between),
    token("ratio", r"(?<![\d:])(\d+)[:：](\d+)(?![\d:])", _ratio),
    token(
        "count",
        rf"(?<![第周期初\d.,:/-])2(?=(?:多|余)?(?:{_MEASURES})){_NO_COUNT}",
        lambda match: "两",
    ),
    token(
        "neighbours",
        r"(?<![\d、.])([1-8])、([2-9])(?=[个月天年次人点岁斤块百千万])(?!年级)",
        _neighbours,
    ),
    token("scientific", SCIENTIFIC, lambda m: f"{decimal(m[1])}乘以十的{signed(m[2].lstrip('+'))}次方"),
    token("power", POWER, lambda match: f"的{signed(match[1])}次方"),
    token("and more", rf"(?<![A-Za-z])({NUMBER})\+(?![\w+])", lambda match: f"{decimal(match[1])}加"),
    token("informal scale", rf"(?<![A-Za-z])({NUMBER})([wk])(\+?)(?![A-Za-z\d])", _informal),
    token("number", SIGNED, _plain),
)
