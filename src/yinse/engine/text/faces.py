"""Faces drawn with marks and letters of any script: `(´・ω・`)`, `ʕ•ᴥ•ʔ`, `T_T`. Seen, not read, like emoji."""

import re
from typing import Final

FACE: Final = "\u25cc"
"""The character that stands for a face in cleaned text: an emoji without a name."""

_FEATURES: Final = "╯╰´^`｀・･•‧◕◔≧≦￣﹃﹏°ﾟ゜º▽∇△∀Дд□ω﹁_＿‿ᴗ︿ᵕᴥ˘˙ಠಥ◡◠⊙☉◉●○✪❛♥♡≖¬ゝノヽˇ‸╥ㅂㅁㅅ▔Σσ;；✿❀"
"""What eyes, mouths and tears are drawn with."""
_FILLINGS: Final = "\\s*#=+~～.。｡,，'\"“”!！?？:：|｜/\\-—–<>＜＞oOｏTQ0vｖ皿益口艸灬ゞ彡\u0300-\u036f๑۶٩ง₃³"
_LONGEST: Final = 16
_BEFORE: Final = "[ヽヾ٩╮╭ლ୧ㄟㄏ凸╰ᕕᕦฅ┗┏⊂┌└\\\\¯o]?[\\s_]?"
_AFTER: Final = (
    '[\\s_]?(?:[۶وง╯╭╮╰ㄏづっ✧☆∠ᕗᕤฅ┛┓⊃┐┘／/\\\\¯ゞ｡ﾟ♡~～*"]|[ノﾉシ](?![ァ-ヶー])){0,3}(?:︵\\s?┻━┻)?'
)
_ALONE: Final = re.compile(
    r"(?<![A-Za-z\d])(?:"
    r"[TQ][_.AwWvV][TQ]|qwq|[;；][_＿][;；]"
    r"|(?:\^[_o.]?\^|[>＞][_﹏.。][<＜]|=_=|-_-\|{0,3}|o_[oO]|O_[oO])"
    r"|[ಠಥ][_‿益\s]{1,3}[ಠಥ]"
    r"|¯\\_\(ツ\)_/¯|\\o/"
    r")(?![A-Za-z\d])"
)
_BRACKETED: Final = re.compile(
    rf"(?:(?<![A-Za-z\d])m)?{_BEFORE}[(（ʕ꒰][{_FEATURES}{_FILLINGS}ღづっ]{{1,{_LONGEST}}}[)）ʔ꒱](?:m(?![A-Za-z\d])|{_AFTER})"
)
_FIGURES: Final = re.compile(r"[(（][\d\s.,，:：~～/\-—–<>＜＞=+]*[)）]")
"""Not a face: `(0-0-0)` is a result, `(-0.0~0.0)` a range."""
_FEATURE: Final = re.compile(f"[{_FEATURES}-]")
_STARTS: Final = frozenset("(（ʕ꒰TQq;；^>＞=-oOಠಥ¯\\mヽヾ٩╮╭ლ୧ㄟㄏ凸╰ᕕᕦฅ┗┏⊂┌└")


def match_face(text: str, position: int) -> int:
    """Where the face that begins at `position` ends; `position` itself when none does."""
    if text[position] not in _STARTS:
        return position
    if alone := _ALONE.match(text, position):
        return alone.end()
    bracketed = _BRACKETED.match(text, position)
    if bracketed and not _FIGURES.search(bracketed.group()) and len(_FEATURE.findall(bracketed.group())) > 1:
        return bracketed.end()
    return position
