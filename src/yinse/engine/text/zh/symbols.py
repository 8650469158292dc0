"""Signs that Mandarin reads aloud, and the names of characters when they are spelled."""

import re
from typing import Final

from yinse.engine.text.normalise import TokenClass, token
from yinse.engine.text.patterns import NUMERAL, numeral_value
from yinse.engine.text.zh.numbers import cardinal

NAMES: Final = {
    "&": "和", "@": "艾特", "+": "加", "=": "等于", "×": "乘", "÷": "除以", "±": "正负", "<": "小于", ">": "大于", "＜": "小于",
    "＞": "大于", "≤": "小于等于", "≥": "大于等于", "≠": "不等于", "≈": "约等于", "√": "根号", "∞": "无穷大", "∑": "求和",
    "°": "度", "℃": "摄氏度", "℉": "华氏度", "%": "百分号", "‰": "千分号", "²": "的平方", "³": "的立方", "π": "派", "№": "号",
    "α": "阿尔法", "β": "贝塔", "γ": "伽马", "δ": "德尔塔", "ε": "艾普西隆", "θ": "西塔", "λ": "兰姆达", "μ": "缪", "σ": "西格马",
    "φ": "斐", "ω": "欧米伽", "Ω": "欧姆", "Δ": "德尔塔", "Σ": "西格马", "η": "伊塔", "τ": "陶", "ρ": "柔", "ψ": "普西", "ξ": "克西",
}  # fmt: skip
ADDRESS_NAMES: Final = {
    ".": "点",
    "@": "艾特",
    "/": "斜杠",
    "-": "杠",
    "_": "下划线",
    ":": "冒号",
    "?": "问号",
    "=": "等号",
}
SPELLED: Final = ADDRESS_NAMES | {
    "#": "井号",
    "*": "星号",
    "+": "加号",
    "&": "和",
    "%": "百分号",
    "!": "叹号",
    ",": "逗号",
}
_SILENT_ALONE: Final = "<>=+"


def _sign(match: re.Match[str]) -> str | None:
    """A sign between operands; comparison and plus signs that stand elsewhere (`>>`, `C++`) are decoration."""
    sign = match.group()
    if sign in _SILENT_ALONE:
        before, after = (
            match.string[: match.start()].rstrip()[-1:],
            match.string[match.end() : match.end() + 2].strip()[:1],
        )
        if not (before.isalnum() or before in ("²", "³", ")")) or not (after.isalnum() or after in "(-√"):
            return None
    return NAMES[sign]


def say_numeral(char: str) -> str:
    """A character that is a number by itself: ① -> 一, Ⅷ -> 八, ½ -> 二分之一."""
    above, below = numeral_value(char)
    return cardinal(above) if below == "1" else f"{cardinal(below)}分之{cardinal(above)}"


CLASSES: Final[tuple[TokenClass, ...]] = (
    token("sign", "[" + "".join(map(re.escape, NAMES)) + "]", _sign),
    token("numeral", NUMERAL, lambda match: say_numeral(match.group())),
)
