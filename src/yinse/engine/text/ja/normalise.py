"""Japanese text normalisation: what OpenJTalk does not read by itself. Numbers with counters stay figures for it."""

import re
from decimal import Decimal
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text import currencies
from yinse.engine.text.abbreviations import pointed_classes
from yinse.engine.text.addresses import ADDRESS, say_address, spell
from yinse.engine.text.characters import DIRECTIVE_BASE, DIRECTIVE_LIMIT
from yinse.engine.text.directives import SayAsKind
from yinse.engine.text.ja.numbers import digits, plain
from yinse.engine.text.normalise import Normaliser, Reader, TokenClass, after, before, token
from yinse.engine.text.patterns import (
    ABOUT,
    CLOCK,
    DASH,
    DOTTED,
    ENDS_WORD,
    FRACTION,
    HALF_DAY,
    HOURS_AND_MINUTES,
    HYPHENATED,
    INTERNATIONAL,
    ISO_DATE,
    LIST_NUMBER,
    NUMBER,
    NUMERAL,
    POWER,
    SCIENTIFIC,
    SIGNED,
    SPACED,
    is_network_address,
    numeral_value,
)  # fmt: skip
from yinse.engine.text.signs import break_class, emoticon_class, sign_class, suffix_class
from yinse.engine.text.tables import column, rows

NAMES: Final = column("signs.tsv", "ja")
MARK_NAMES: Final = column("mark_names.tsv", "ja")
_CURRENCIES: Final = column("currencies.tsv", "ja")
UNITS: Final = column("units.tsv", "ja")
_UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_OPERATORS: Final = (
    dict.fromkeys("-−–", "ひく") | dict.fromkeys("×*x", "かける") | dict.fromkeys("÷/", "わる")
    | {"+": "たす", "=": "は", "≈": "はおよそ"}
)  # fmt: skip
_SCORE_BEFORE: Final = re.compile("(?:スコア|結果|試合|[はがで]、?)$")
_SCORE_AFTER: Final = re.compile("で?(?:勝|敗|負|引き分け|同点|リード)|で.{1,8}[がはを](?:勝|敗|負|破|下)")


def _reading(
    written: str, kana: str, follows: str = "", precedes: str = ""
) -> tuple[str, str, re.Pattern[str], re.Pattern[str]]:
    return written, kana, re.compile(follows), re.compile(precedes)


_WEEKDAYS: Final = "月火水木金土日"
_READINGS: Final = tuple(_reading(*row) for row in rows("ja_readings.tsv"))
"""Word, kana, what follows, what precedes."""
_SCALES: Final = {"million": 10**6, "billion": 10**9, "k": 1000, "K": 1000, "M": 10**6}


def _clock(figures: str) -> str:
    hour, minute, *second = re.split("[:：]", figures)
    spoken = f"{f'{int(hour)}時' if int(hour) else 'レージ'}" + (f"{int(minute)}分" if int(minute) else "")
    return spoken + (f"{int(second[0])}秒" if second else "")


def _half_day(match: re.Match[str]) -> str:
    clock = match[1] if ":" in match[1] or "：" in match[1] else f"{match[1]}:00"
    return ("午前" if match[2] in "Aa" else "午後") + _clock(clock)


def _money(match: re.Match[str]) -> str:
    amount, scale = match[4].replace(",", ""), match[5] or ""
    if scale in _SCALES:
        amount, scale = str(Decimal(amount) * _SCALES[scale]).removesuffix(".0"), ""
    minus = "マイナス" if match[1] or match[3] else ""
    return minus + plain(amount) + scale + _CURRENCIES[match[2]]


def _signed(figures: str) -> str:
    sign = {"-": "マイナス", "−": "マイナス", "+": "プラス", "±": "プラスマイナス"}.get(figures[0], "")
    return sign + plain(figures[1:] if sign else figures)


def _grouped(match: re.Match[str]) -> str:
    """Telephone digits; の between the groups, as numbers are dictated."""
    return "の、".join(digits(group) for group in re.findall(r"\d+", match.group()))


def _hyphenated(match: re.Match[str]) -> str:
    """Short groups are the numbers of an address, `1-2-3`; long ones are dictated."""
    groups = re.findall(r"\d+", match.group())
    short = all(len(group) < 4 and group[0] != "0" for group in groups)
    return "の".join(groups) if short else _grouped(match)


def _code(match: re.Match[str]) -> str | None:
    announced = re.search(
        r"(?:番号|コード|暗証番号|口座|電話|〒|ID|パスワード)(?:は|：|:|\s){0,2}$",
        before(match, 12),
    )
    leading_zero = match.group()[0] == "0" and len(match.group()) > 1
    return digits(match.group()) if announced or leading_zero or len(match.group()) > 16 else None


def _dotted(match: re.Match[str]) -> str:
    parts = match.group().split(".")
    if is_network_address(match.group()):
        return "テン".join(digits(part) for part in parts)
    return "テン".join(part if not part.startswith("0") else digits(part) for part in parts)


def _fraction(match: re.Match[str]) -> str | None:
    whole, above, below = match[1], match[2], match[3]
    if int(below) < 2:
        return None
    spoken = f"{int(below)}分の{int(above)}"
    return f"{int(whole)}と{spoken}" if whole else spoken


def _arithmetic(match: re.Match[str]) -> str:
    items = re.findall(rf"{NUMBER}|[^\s\d.,]", match.group())
    return "".join(plain(item) if item[0].isdigit() else _OPERATORS[item] for item in items)


def _between(match: re.Match[str]) -> str:
    score = _SCORE_AFTER.match(after(match, 8)) or (
        "スコア" in before(match, 8) and _SCORE_BEFORE.search(before(match, 4))
    )
    return f"{plain(match[1])}たい{plain(match[2])}" if score else f"{plain(match[1])}から{plain(match[2])}"


def _misread(match: re.Match[str]) -> str | None:
    """A word that OpenJTalk misreads where it stands."""
    for written, kana, follows, precedes in _READINGS:
        fits = written == match.group() and follows.match(match.string, match.end())
        if fits and precedes.search(before(match, 8)):
            return kana
    return None


def _month_and_day(match: re.Match[str]) -> str | None:
    """`12/25に`; before の a small fraction is likelier: `1/3の人`."""
    if match.string[match.end()] == "の" and int(match[1]) < int(match[2]) <= 10:
        return None
    return f"{int(match[1])}月{int(match[2])}日"


def _weekday(match: re.Match[str]) -> str | None:
    """`3月5日（火）` -> 火曜日, set off."""
    dated = before(match, 1)[-1:].isdigit() or before(match, 1) == "日"
    return f"、{match[1]}曜日、" if dated else None


def _laughter(match: re.Match[str]) -> str | None:
    """`ははは`: syllables of laughter, not the mother and a particle."""
    if match.group() == "はは":
        return None
    return "".join(chr(ord(char) + 0x60) for char in match.group())


def _numeral(match: re.Match[str]) -> str:
    above, below = numeral_value(match.group())
    return above if below == "1" else f"{below}分の{above}"


_OPERAND: Final = rf"{NUMBER}(?:\s?[+\-−–×*x÷/]\s?{NUMBER}){{1,12}}"
CLASSES: Final[tuple[TokenClass, ...]] = (
    *pointed_classes(lambda page: f"{page}ページ"),
    token("about", ABOUT, lambda match: "約"),
    token(
        "from to",
        "(?<=[\u4e00-\u9fff\\d])[~〜～](?=[\u4e00-\u9fff\\d]|[AaPp][Mm]\\s?\\d)",
        lambda match: "から",
    ),
    token("international telephone", INTERNATIONAL, _grouped),
    token("landline in brackets", r"(?<!\d)0\d{1,4}[(（]\d{1,4}[)）]\d{4}(?!\d)", _grouped),
    token(
        "money range",
        rf"({currencies.BEFORE})\s?({NUMBER}){DASH}(?:{currencies.BEFORE})?({NUMBER})([万億千]?)(?:円|ドル)?",
        lambda m: f"{plain(m[2])}から{plain(m[3])}{m[4]}{_CURRENCIES[m[1]]}",
    ),
    token(
        "half day first",
        rf"(?<![A-Za-z])([AaPp])\.?[Mm]\.?\s?(?:({CLOCK})(?![\d:])|(\d{{1,2}})(?=時))",
        lambda m: ("午前" if m[1] in "Aa" else "午後") + (_clock(m[2]) if m[2] else m[3]),
    ),
    token("half day", rf"(?<![\d:])({CLOCK}|1[0-2]|[1-9]){HALF_DAY}", _half_day),
    token("address", ADDRESS, lambda match: say_address(match.group(), MARK_NAMES, digits)),
    token("time", rf"(?<![\d:]){CLOCK}(?![\d:])", lambda match: _clock(match.group())),
    token(
        "time range",
        rf"(?<![\d:])({CLOCK}){DASH}({CLOCK})(?![\d:])",
        lambda m: f"{_clock(m[1])}から{_clock(m[2])}",
    ),
    token("date", ISO_DATE, lambda match: f"{int(match[1])}年{int(match[3])}月{int(match[4])}日"),
    token(
        "month and day",
        r"(?<![\d/])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?=[(（]|に|から|まで|の)",
        _month_and_day,
    ),
    token("weekday", rf"[（(]([{_WEEKDAYS}])(?:[・･]?祝)?[)）]", _weekday),
    token("misread", "|".join(dict.fromkeys(row[0] for row in _READINGS)), _misread),
    token("laughter", r"(?<![ぁ-ん])[あうえがだわ]?は{2,}(?!(?!と)[ぁ-ん])", _laughter),
    token(
        "laughing letters",
        "(?<=[ぁ-んァ-ヶー\u4e00-\u9fff！？!?。、…～〜])(?:w+|W{2,})(?![A-Za-z\\d])",
        lambda match: "",
    ),
    token("midnight", r"(?<![\d.:])0時(?!間)", lambda match: "レージ"),
    token("mobile", r"(?<![\d.-])0[5789]0[- ]?\d{4}[- ]?\d{4}(?!\d)", _grouped),
    token("landline", r"(?<![\d.-])0\d{1,4}-\d{1,4}-\d{3,4}(?!\d)", _grouped),
    token("postcode", r"(?<=〒)\d{3}-\d{4}", _grouped),
    token("hyphenated code", HYPHENATED, _hyphenated),
    token("code", r"(?<![\d.,])\d+(?![\d.,]\d|\d|%)", _code),
    token(
        "applause",
        r"(?<![^\s。、！!？?～〜…])8{3,}(?=[\s。、！!？?～〜…w]|$)",
        lambda match: "パチパチパチパチ",
    ),
    token("edition", r"(?<![A-Za-z])[Vv]er\.?\s?(?=\d)", lambda match: "バージョン"),
    token("version", DOTTED, _dotted),
    token(
        "money",
        rf"((?<!\d)[-−])?({currencies.BEFORE})\s?([-−])?({NUMBER})(?:\s?([万億千]|million|billion|[kKM](?![A-Za-z])))?(?:円|ドル)?",
        _money,
    ),
    token(
        "money after",
        rf"({NUMBER})([万億千]?)\s?({currencies.AFTER})",
        lambda m: plain(m[1]) + m[2] + _CURRENCIES[m[3]],
    ),
    token("percent", rf"({SIGNED})\s?%", lambda match: f"{_signed(match[1])}パーセント"),
    token(
        "percent range",
        rf"({NUMBER})%?{DASH}({NUMBER})\s?%",
        lambda m: f"{plain(m[1])}から{plain(m[2])}パーセント",
    ),
    token("temperature", rf"({SIGNED})\s?(?:°\s?C|℃|°|度C)", lambda match: f"{_signed(match[1])}度"),
    token("unit", rf"({NUMBER})\s?({_UNIT}){ENDS_WORD}", lambda match: plain(match[1]) + UNITS[match[2]]),
    token("per unit", rf"(?<=[A-Za-z²³])/({_UNIT}){ENDS_WORD}", lambda match: "パー" + UNITS[match[1]]),
    token(
        "unit range",
        rf"({NUMBER}){DASH}({NUMBER})\s?({_UNIT}){ENDS_WORD}",
        lambda m: f"{plain(m[1])}から{plain(m[2])}{UNITS[m[3]]}",
    ),
    token("fraction", FRACTION, _fraction),
    token("spaced number", SPACED, lambda match: match.group().replace(" ", "")),
    token("hours and minutes", HOURS_AND_MINUTES, lambda m: f"{plain(m[1])}時間{plain(m[2])}分"),
    token("numero", r"(?:(?<![A-Za-z])N[oO]\.?|№)\s?(?=\d)", lambda match: "ナンバー"),
    token("class letter", r"(?<=\d)-([A-Z])(?![A-Za-z\d])", lambda match: f"の{match[1]}"),
    token("equation", rf"{_OPERAND}\s?[=≈]\s?[-−]?{NUMBER}", _arithmetic),
    token(
        "product or sum", rf"{NUMBER}(?:\s?[+×÷*]\s?{NUMBER}){{1,12}}|\d+\s?x\s?\d+{ENDS_WORD}", _arithmetic
    ),
    token("between", rf"(?<![\d.A-Za-z-])({NUMBER}){DASH}({NUMBER})(?![\d-])", _between),
    token(
        "ratio",
        r"(?<![\d:])(\d+)[:：](\d+)(?![\d:])",
        lambda match: f"{plain(match[1])}たい{plain(match[2])}",
    ),
    token("model", r"(?<=[A-Za-z])-(\d+(?:\.\d+)?)", lambda match: match[1]),
    break_class(),
    token("list number", LIST_NUMBER, lambda match: f"{int(match[1])}、"),
    token("nan", "何(?=です|でしょ|だ|でも|の|と[いう言思]|って|て(?:こと|いう))", lambda match: "なん"),
    token("scientific", SCIENTIFIC, lambda m: f"{plain(m[1])}かける10の{_signed(m[2].lstrip('+'))}乗"),
    token("power", POWER, lambda match: f"の{_signed(match[1])}乗"),
    token("and more", rf"(?<![A-Za-z])({NUMBER})\+(?![\w+])", lambda match: f"{plain(match[1])}以上"),
    token("number", SIGNED, lambda match: _signed(match.group())),
    sign_class(NAMES),
    emoticon_class(),
    suffix_class("プラスプラス", "シャープ"),
    token("numeral", NUMERAL, _numeral),
)
_FIRST: Final = "".join({written[0] for written, *_ in _READINGS})
_START: Final = re.compile(
    rf"[{chr(DIRECTIVE_BASE)}-{chr(DIRECTIVE_LIMIT)}]|[何{_FIRST}あうえがだわは/（(^~〜～→⇒:;\d.+\-−±{re.escape(''.join(NAMES))}{currencies.SIGN}]|{NUMERAL}|(?<![A-Za-z])[A-Za-z]"
)
_READER: Final = Reader(
    CLASSES,
    {
        "date": ("date", "month and day"), "time": ("time", "time range"), "percent": ("percent", "percent range"),
        "money": ("money",), "fraction": ("fraction",),
    },
)  # fmt: skip


def say_as(kind: SayAsKind, content: str) -> str:
    """Read `content` as the class that the user declared."""
    content = content.strip()
    figures = re.sub(r"\D", "", content)
    if kind == "word":
        return content
    if kind == "characters":
        return "".join(_character(char) for char in content if not char.isspace())
    if kind in ("digits", "telephone") and figures:
        return digits(figures)
    if kind in ("cardinal", "ordinal") and re.fullmatch(r"-?[\d,]*\.?\d+", content):
        return f"{_signed(content)}番目" if kind == "ordinal" else _signed(content)
    if (spoken_as := _READER.read(kind, content)) is not None:
        return spoken_as
    raise InvalidInput(f"{content!r} cannot be said as {kind}.")


def _character(char: str) -> str:
    if char.isdigit() and char.isascii():
        return digits(char)
    return spell(char) if char.isascii() and char.isalpha() else MARK_NAMES.get(char, char)


NORMALISER: Final = Normaliser(CLASSES, _START, say_as)
