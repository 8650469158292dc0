"""Mandarin figures that are names rather than amounts: telephones, codes, versions, models."""

import re
from typing import Final

from yinse.engine.text.addresses import spell
from yinse.engine.text.normalise import TokenClass, before, token
from yinse.engine.text.patterns import (
    DOTTED,
    HYPHENATED,
    INTERNATIONAL,
    MODEL_NUMBER,
    is_network_address,
    roman_value,
)
from yinse.engine.text.zh.numbers import cardinal, decimal, digits, telephone

_CODE_BEFORE: Final = re.compile(
    "(?:编号|号码|账号|帐号|学号|工号|卡号|密码|口令|验证码|取件码|邮编|邮政编码|车牌|车牌号|尾号|代码|代号|单号|订单|订单号|"
    "身份证|身份证号|护照|护照号|电话|手机|手机号|热线|分机|传真|客服|拨打|请拨|拨|致电|报警|QQ|QQ号|微信号|ID|房号|房间号|房间|门牌号|会员号|群|群号)"
    '(?:号|是|为|：|:|\\s|“|"){0,3}$'
)
_NAMED: Final = (
    r"(?<![\d.,])(?:911(?=事件|恐)|315(?=晚会|消费)|618(?=大促|购物|活动|年中)|996(?=工作制|加班)"
    r"|9\.11(?=事件|恐)|7-?11(?=便利店|连锁)|520(?=我爱你|快乐|礼物|表白|情人|那天|当天)"
    r"|(?:6{3,}|23{3,}|(?<![第\d])(?:5{3,}|(?:520)?1314))(?![\d.,%％A-Za-z万亿千百元块个人次年月天号米分名条张度]|[-~～:：/]\d)"
    r"|(?<![^\s，。！!~～…？?])(?:520|886?)(?=[，。！!~～…？?]|$)|(?:985|211)(?=[、和/]?(?:985|211|高校|大学|院校|工程|毕业|硕士|本科)))"
)
"""Events, programmes and greetings (520, 88, 1314, 555) that are called by their figures."""
_SERIES: Final = "红旗|东风|巨浪|长剑|鹰击|神舟|天宫|嫦娥|长征|米格|伊尔"
"""Aircraft, rockets and missiles: the dash before their number is no minus."""
_PLATES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""What the number plate of a province begins with."""
_CONTEXT: Final = 10


def _grouped(match: re.Match[str]) -> str:
    """Dialled digits, a short pause where the writer grouped them."""
    return "，".join(telephone(group) for group in re.findall(r"\d+", match.group()))


def _code(match: re.Match[str]) -> str | None:
    """Digit by digit after a word that announces a code, and whenever zeros lead."""
    announced = _CODE_BEFORE.search(before(match, _CONTEXT))
    leading_zero = match.group()[0] == "0" and len(match.group()) > 1
    return telephone(match.group()) if announced or leading_zero else None


def say_dotted(figures: str) -> str:
    """A version part by part (`1.2.10` -> 一点二点十), a network address digit by digit."""
    parts = figures.split(".")
    if is_network_address(figures):
        return "点".join(telephone(part) for part in parts)
    return "点".join(
        cardinal(part) if len(part) < 3 and not part.startswith("0") else digits(part) for part in parts
    )


def _plate(match: re.Match[str]) -> str | None:
    """`京A·12B45`: figures one by one, letters by their names."""
    if not any(char.isdigit() for char in match[2]):
        return None
    return match[1] + "".join(telephone(char) if char.isdigit() else f" {char} " for char in match[2])


def _model(match: re.Match[str]) -> str:
    """Figures after letters: `iPhone15` -> 十五, `A380` -> 三八零, `PM2.5` -> 二点五."""
    figures = match[1]
    if "." in figures:
        return decimal(figures)
    return digits(figures) if len(figures) > 2 or figures[0] == "0" else cardinal(figures)


CLASSES: Final[tuple[TokenClass, ...]] = (
    token("international telephone", INTERNATIONAL, _grouped),
    token(
        "versus", r"(?<![A-Za-z\d])(\d)[vV](\d)(?![A-Za-z\d])", lambda m: f"{cardinal(m[1])}V{cardinal(m[2])}"
    ),
    token("edition", r"(?<![A-Za-z])[Vv]er\.?\s?(?=\d)", lambda match: "版本"),
    token("model number", MODEL_NUMBER, lambda match: digits(match[1])),
    token("mobile", r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)", _grouped),
    token("landline", r"(?<![\d.])(?:\+?86[- ]?)?0\d{2,3}[- ]\d{7,8}(?:-\d{1,5})?(?!\d)", _grouped),
    token("landline in brackets", r"[(（]0\d{2,3}[)）]\s?\d{7,8}(?!\d)", _grouped),
    token(
        "service line",
        r"(?<![\d.])[48]00[- ](?:\d{3}[- ]\d{4}|\d{4}[- ]\d{3}|\d{7})(?!\d)|(?<![\d.])[48]00\d{7}(?!\d)",
        _grouped,
    ),
    token("hyphenated code", HYPHENATED, _grouped),
    token("code", r"(?<![\d.,])\d+(?![\d.,]\d|\d|%)", _code),
    token(
        "room or flight",
        r"(?<![\d.,])\d{3,4}(?=号?(?:室|房间|房|病房|包间|包厢|宿舍)|航班|次列车|路公交|次航班)",
        lambda m: telephone(m.group()),
    ),
    token(
        "hotline",
        r"(?<![\d.,])\d{3,6}(?=热线|客服|服务电话|报警)|(?<!\d)(?:12306|12315|10086)(?!\d)",
        _grouped,
    ),
    token("emergency line", r"(?<=打)1(?:10|12|14|19|20|22)(?![\d分个])", _grouped),
    token("number plate", rf"(?<=[{_PLATES}])([A-Z])[·•]?([A-Z\d]{{5,6}})(?![A-Za-z\d])", _plate),
    token(
        "train or flight",
        r"(?<![A-Za-z\d])([GDCZTKYL]|[A-Z]{2})(\d{1,4})(?=次|航班)|(?<=乘坐|搭乘|航班|转乘)([A-Z]{1,2})(\d{3,4})(?!\d)",
        lambda m: f"{spell(m[1] or m[3])} {telephone(m[2] or m[4])}",
    ),
    token(
        "series",
        rf"(?:(?<=[歼轰运直强教苏图])|(?<={_SERIES}))[-–](\d{{1,3}})(?![\d.])",
        lambda m: cardinal(m[1]),
    ),
    token("aircraft", r"(?<=波音|空客)[37]\d\d(?!\d|[架个亿万元])", lambda m: telephone(m.group())),
    token("graphics card", r"(?<=TX |RX )\d{3,4}(?![\d.])", lambda m: digits(m.group())),
    token(
        "roman numeral",
        r"(?<![A-Za-z\d])(I{1,3}|IV|V?I{2,3}|VI|IX|X[IV]{1,3})(?=[期型级类度代章卷部篇](?!领))",
        lambda m: cardinal(str(roman_value(m[1]))),
    ),
    token(
        "name in figures",
        _NAMED,
        lambda m: digits(m.group()) if m.group().endswith("1314") else telephone(m.group()),
    ),
    token("picture lines", r"(?<!\d)(480|720|1080|1440|2160)[pPi](?![A-Za-z])", lambda m: f"{digits(m[1])}P"),
    token("version", DOTTED, lambda match: say_dotted(match.group())),
    token("model", r"(?<=[A-Za-z])[-. ]?(\d+(?:\.\d+)?)(?![\d.]\d)", _model),
    token("version letter", r"(?<![A-Za-z])[vV](\d+(?:\.\d+)*)(?![\d.]\d)", lambda m: f"V{say_dotted(m[1])}"),
    token("numero", r"(?:No|NO|№)\.?\s?(\d+)", lambda match: "第" + cardinal(match[1])),
)
