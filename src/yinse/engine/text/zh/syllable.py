"""One Mandarin syllable: numbered pinyin in, inventory symbols out.

Spelling follows GB/T 16159 (pinyin orthography); `v` stands for `ü`, tone 5 is the neutral tone.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from yinse.engine.text.inventory import ZH_ERHUA, ZH_FINALS

PINYIN_SHAPE: Final = r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:[aeiouvü]{1,4}(?:ng|n|r)?|h?m|h?ng|n)[0-9]"
"""What looks like numbered pinyin, whether or not Mandarin has the syllable."""
_COMBINING_TONES: Final = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}
_NUMBERED: Final = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([a-zü:]+?)(r?)([1-5])")
_APICAL: Final = {**dict.fromkeys(("z", "c", "s"), "iz"), **dict.fromkeys(("zh", "ch", "sh", "r"), "ir")}
_CONTRACTED: Final = {"iou": "iu", "uei": "ui", "uen": "un", "ueng": "ong"}
_ZERO_INITIAL: Final = {
    "yi": "i", "yin": "in", "ying": "ing", "you": "iu", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn",
    "wu": "u", "wei": "ui", "wen": "un", "weng": "ong",
}  # fmt: skip
_BARE: Final = ("er", "n", "ng", "m")
_PALATAL: Final = ("j", "q", "x")
_OPEN: Final = "a ai an ang ao e ei en eng ou u"
_ROUND: Final = "ong ua uai uan uang ui un uo"
_FRONT: Final = "i ia ian iang iao ie in ing iu"
_FINALS_AFTER: Final = {
    **dict.fromkeys(("b", "p", "m"), "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u"),
    "f": "a an ang ei en eng iao o ou u",
    **dict.fromkeys(("d", "t"), f"{_OPEN} {_FRONT} ong uan ui un uo"),
    **dict.fromkeys(("n", "l"), f"{_OPEN} {_FRONT} o ong uan ui un uo v van ve vn"),
    **dict.fromkeys(("g", "k"), f"{_OPEN} {_ROUND}"),
    "h": f"{_OPEN} {_ROUND} m ng",
    **dict.fromkeys(_PALATAL, f"{_FRONT} iong v van ve vn"),
    **dict.fromkeys(("zh", "ch", "sh", "r"), f"{_OPEN} {_ROUND} ir"),
    **dict.fromkeys(("z", "c", "s"), f"{_OPEN} {_ROUND} iz"),
}


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable as inventory parts: `initial` may be empty, `tone` is 1-5, `erhua` adds the rhotic coda.

    A syllable without a final is a bare coda: the 儿 that colours the syllable before it.
    """

    initial: str
    final: str
    tone: int
    erhua: bool = False

    @property
    def symbols(self) -> tuple[str, ...]:
        """Inventory symbols, one to three."""
        onset = (f"zh/{self.initial}",) if self.initial else ()
        nucleus = (f"zh/{self.final}{self.tone}",) if self.final else ()
        coda = (f"zh/{ZH_ERHUA}",) if self.erhua else ()
        return (*onset, *nucleus, *coda)

    @property
    def pinyin(self) -> str:
        """Standard spelling with a tone number, `v` for `ü`, `r` for erhua: `zhang3`, `lv4`, `hua1r`."""
        coda = "r" if self.erhua else ""
        return f"{_spelling(self.initial, self.final)}{self.tone}{coda}" if self.final else coda

    def with_tone(self, tone: int) -> "Syllable":
        """The same syllable with another tone."""
        return replace(self, tone=tone)


CODA: Final = Syllable("", "", 5, erhua=True)
"""The 儿 of erhua, standing in its own character's place."""


def _spelling(initial: str, final: str) -> str:
    if not initial:
        for spelled, resolved in _ZERO_INITIAL.items():
            if resolved == final:
                return spelled
        if final[0] == "i" and final != "i":
            return "y" + final[1:]
        if final[0] == "u" and final != "u":
            return "w" + final[1:]
        return final
    if initial in _PALATAL and final[0] == "v":
        return initial + "u" + final[1:]
    return initial + ("i" if final in ("iz", "ir") else final)


def _final_of(initial: str, rest: str) -> str:
    """Resolve a spelled final against its initial; the caller checks that the pair exists."""
    rest = rest.replace("u:", "v").replace("ü", "v")
    if initial in ("y", "w"):
        spelled = initial + rest
        return _ZERO_INITIAL.get(spelled, ("i" if initial == "y" else "u") + rest)
    if initial in _PALATAL and rest.startswith("u"):
        rest = "v" + rest[1:]
    if initial in ("n", "l") and rest == "ue":
        rest = "ve"
    if rest == "i":
        return _APICAL.get(initial, "i")
    return _CONTRACTED.get(rest, rest)


def _legal(initial: str, final: str) -> bool:
    """Whether Mandarin, interjections and dialect loans included, has this pair."""
    if not initial:
        return final in ZH_FINALS and final not in ("iz", "ir")
    return final in _FINALS_AFTER.get(initial, "").split(" ")


def parse(text: str) -> Syllable | None:
    """Read numbered pinyin such as `zhang3`, `lü4`, `nv3`, `hua1r` or `huar1`; None when it is no syllable."""
    text = text.lower()
    if len(text) > 2 and text[-1] == "r" and text[-2].isdigit():
        text = f"{text[:-2]}r{text[-2]}"
    match = _NUMBERED.fullmatch(text)
    if match is None:
        return None
    initial, rest, rhotic, tone = match.groups()
    if text[:-1] in _BARE:
        return Syllable("", text[:-1], int(tone))
    if not initial and rest[0] in "iuv":
        return None
    final = _final_of(initial, rest)
    initial = "" if initial in ("y", "w") else initial
    return Syllable(initial, final, int(tone), bool(rhotic)) if _legal(initial, final) else None


def number_tone(marked: str) -> str:
    """Turn tone marks into a number: `zhǎng` -> `zhang3`, `lǜ` -> `lv4`, `ê̄` -> `eh1`, `de` -> `de5`."""
    tone = 5
    letters: list[str] = []
    for char in unicodedata.normalize("NFD", marked):
        if char in _COMBINING_TONES:
            tone = _COMBINING_TONES[char]
        elif char == "\u0308":
            letters[-1] = "v"
        elif char == "\u0302":
            letters.append("h")
        else:
            letters.append(char)
    return "".join(letters) + str(tone)
