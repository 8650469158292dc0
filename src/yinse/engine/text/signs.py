"""Signs that are read aloud (`+`, `≥`, `π`), the same way in every language but for their names."""

import re
from collections.abc import Mapping
from typing import Final

from yinse.engine.text import currencies
from yinse.engine.text.normalise import TokenClass, after, before, token

_OPERATORS: Final = frozenset("<>=+&")
"""Read only between operands: elsewhere (`>>`, `C++`, `<b>`) they are decoration."""
_EMOTICON: Final = (
    r"(?<![A-Za-z\d:])(?:<3(?![\d.])|[:;]-?\)|XD(?![A-Za-z\d卡]))"
    r"|(?<![^\s，。！？、])[:;]-?[(DPp](?![^\s，。！？、])"
)
_SUFFIXED: Final = r"(?<![A-Za-z])([A-Z])(\+\+|#)(?![A-Za-z\d+#])"
_TAG_START: Final = re.compile(r"</?[A-Za-z][\w-]*\s*/?>")
_TAG_END: Final = re.compile(r"</?[A-Za-z][\w-]*\s*/?>$")
_TAG_LENGTH: Final = 32


def sign_class(names: Mapping[str, str]) -> TokenClass:
    """The token class of all signs with a name."""

    def say(match: re.Match[str]) -> str | None:
        sign = match.group()
        return None if sign in _OPERATORS and not _joins_operands(match) else names[sign]

    return token("sign", "[" + "".join(map(re.escape, names)) + "]", say)


def emoticon_class() -> TokenClass:
    """Faces and hearts made of marks: silent, like emoji."""
    return token("emoticon", _EMOTICON, lambda match: "")


def break_class() -> TokenClass:
    """A stroke or an arrow between words of which one is written without spaces: `男/女`, `北京→上海`. A short pause."""
    wide = "\u3041-\u30ff\u4e00-\u9fff"
    pattern = rf"\s?(?:(?<=[{wide}])|(?<=[{wide}]\s))[/→⇒]+\s?(?=[{wide}\w])|(?<=[A-Za-z\d])[/→⇒]+(?=[{wide}])|(?<=[a-z])/(?=\d)"
    return token("break between words", pattern, lambda match: "，")


def suffix_class(plus_plus: str, sharp: str) -> TokenClass:
    """Letters with a sign for a surname: C++, C#, F#."""
    return token("suffixed letter", _SUFFIXED, lambda m: m[1] + (plus_plus if m[2] == "++" else sharp))


def _joins_operands(match: re.Match[str]) -> bool:
    left, right = before(match, 2).strip()[-1:], after(match, 2).strip()[:1]
    if match.group() in ("<", ">") and not left.isalnum() and right.isdigit():
        return True
    operands = (left.isalnum() or left in ("²", "³", ")")) and (
        right.isalnum() or right in f"(-√{currencies.SIGN}"
    )
    tag = _TAG_START.match(match.string, match.start()) or _TAG_END.search(
        before(match, _TAG_LENGTH) + match.group()
    )
    return operands and not tag
