"""Characters: what script they belong to, which forms are equal, and which are not text at all."""

import re
import unicodedata
from typing import Final, Literal, TypeAlias

from yinse.engine.text.faces import FACE, match_face
from yinse.engine.text.spanned import Span, Spanned

Script: TypeAlias = Literal["han", "kana", "latin", "digit", "directive", "other", "foreign"]

DIRECTIVE_BASE: Final = 0xF0000
"""First of the private-use characters that stand for inline control inside cleaned text."""
DIRECTIVE_LIMIT: Final = 0x10FFFD

_WIDE_SIGNS: Final = "％＋－＝＠＃＄＆＊／．＿｜＾￥￡　"
_WIDTH: Final = {
    **{0xFF10 + offset: chr(0x30 + offset) for offset in range(10)},
    **{0xFF21 + offset: chr(0x41 + offset) for offset in range(26)},
    **{0xFF41 + offset: chr(0x61 + offset) for offset in range(26)},
    **{ord(wide): narrow for wide, narrow in zip(_WIDE_SIGNS, "%+-=@#$&*/._|^¥£ ", strict=True)},
    **{ord(space): " " for space in "\u00a0\u2002\u2003\u2009\u202f\u205f\t"},
    **{ord(quote): "'" for quote in "\u2019\u02bc"},
    **{ord(hyphen): "-" for hyphen in "\u2010\u2011\u2212\ufe63"},
    **{0x2080 + figure: str(figure) for figure in range(10)},
    ord("⁄"): "/", ord("㎡"): "m²", ord("㎥"): "m³", ord("㏄"): "cc", ord("º"): "°", ord("ﾟ"): "゜",
    ord("㈱"): "株式会社", ord("㈲"): "有限会社",
}  # fmt: skip
_LINE_BREAKS: Final = "\n\r\v\f\x85\u2028\u2029"
_HALF_KANA: Final = re.compile("[\uff66-\uff9d][\uff9e\uff9f]?")
_COMPATIBLE: Final = re.compile(
    "[\uff61-\uff65\uff9e\u3220-\u3229\u3300-\u33ff\u32c0-\u32ff\uf900-\ufaff\u2f00-\u2fdf\ufb00-\ufb06"
    "\u2488-\u249b\u24b6-\u24e9\U0001d400-\U0001d7ff]"
)
"""Characters that are others in another dress: `㎏`, `⒈`, `Ⓐ`, `㈠`, `𝓗`."""
_COMBINED: Final = re.compile("[^\\W\\d_][\u0300-\u036f\u3099\u309a]+")
_SUPERSCRIPT: Final = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_SUPERSCRIPT_BASE: Final = re.compile(r"[\d)π]$|(?<![A-Za-z])[A-Za-z]$")
_PART_OF_NUMBER: Final = re.compile("[½¼¾⅓⅔⅛]")
_EMOJI: Final = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u26ff\u2700-\u27bf\u2b00-\u2bff\u2300-\u23ff\u25a0-\u25ff\u2190-\u21ff"
    "\u3030\u303d\u3297\u3299\u00a9\u00ae\u2122\u20e3]"
)
_FOREIGN: Final = re.compile(
    "[\u0400-\u0dff\u0e00-\u10ff\u1100-\u1dff\u2c00-\u2dff\u3130-\u318f\ua000-\ua95f\ua980-\ud7ff]"
)


def clean(text: str) -> Spanned:
    """Bring equal forms together and drop what is not text (controls, zero-width and private characters).

    Full-width letters and digits become ASCII, half-width kana full-width, decomposed accents composed, line breaks
    `\\n`. Punctuation keeps its width: `，` is a clause mark, `,` may group digits. Linear in the length.
    """
    characters: list[str] = []
    spans: list[Span] = []
    position = 0
    while position < len(text):
        form, end = _form(text, position)
        characters.append(form)
        spans.extend([(position, end)] * len(form))
        position = end
    return Spanned("".join(characters), tuple(spans))


def _form(text: str, position: int) -> tuple[str, int]:
    """The cleaned form of what stands at `position`, and where it ends."""
    char = text[position]
    if (end := match_face(text, position)) > position:
        return FACE, end
    if " " <= char <= "~":
        follows_mark = position + 1 < len(text) and "\u0300" <= text[position + 1] <= "\u036f"
        if not follows_mark:
            return char, position + 1
    if char in _LINE_BREAKS:
        return "\n", position + (2 if text[position : position + 2] == "\r\n" else 1)
    if match := _HALF_KANA.match(text, position) or _COMBINED.match(text, position):
        return unicodedata.normalize(
            "NFKC" if "\uff66" <= char <= "\uff9d" else "NFC", match.group()
        ), match.end()
    if match := _SUPERSCRIPT.match(text, position):
        return _power(match), match.end()
    if _PART_OF_NUMBER.match(char) and text[position - 1 : position].isdigit():
        return " " + unicodedata.normalize("NFKC", char).replace("⁄", "/"), position + 1
    if (form := _WIDTH.get(ord(char))) is not None:
        return form, position + 1
    if _COMPATIBLE.match(char):
        return unicodedata.normalize("NFKC", char), position + 1
    dropped = (
        unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co", "Cs", "Me") or "\ufe00" <= char <= "\ufe0f"
    )
    return ("" if dropped else char), position + 1


def _power(match: re.Match[str]) -> str:
    """Superscripts as `^` and figures; a lone `²` or `³` stays, and those after a word are a footnote's mark and go."""
    if match.group() in ("²", "³"):
        return match.group()
    is_base = _SUPERSCRIPT_BASE.search(match.string[max(0, match.start() - 2) : match.start()])
    return "^" + unicodedata.normalize("NFKC", match.group()).replace("−", "-") if is_base else ""


def script(char: str) -> Script:
    """The script of one cleaned character; `foreign` is a letter of a script that we do not speak."""
    code = ord(char)
    if code < 0x80:
        return "latin" if char.isalpha() else "digit" if char.isdigit() else "other"
    if is_han(char):
        return "han"
    if is_kana(char):
        return "kana"
    if code >= DIRECTIVE_BASE:
        return "directive"
    if 0xC0 <= code <= 0x24F and char.isalpha():
        return "latin"
    return "foreign" if _FOREIGN.match(char) and char.isalpha() else "other"


def is_han(char: str) -> bool:
    """Whether a character is a CJK ideograph (extension planes, 〇 and the iteration mark 々 included)."""
    return (
        "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char in "〇々" or _is_extension(char)
    )


def _is_extension(char: str) -> bool:
    return 0x20000 <= ord(char) < 0x33480


def is_kana(char: str) -> bool:
    """Whether a character is hiragana or katakana, the long-vowel mark included, the middle dot not."""
    return "\u3041" <= char <= "\u309f" or ("\u30a1" <= char <= "\u30ff" and char != "・")


def is_emoji(char: str) -> bool:
    """Whether a character is a pictograph or a dingbat, something seen rather than read."""
    return bool(_EMOJI.match(char))
