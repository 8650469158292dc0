"""English words spelled alike and said differently: which one, from the words around.

Two kinds: a noun (or adjective) against a verb, told apart by the word before, and a few words with rules of their own.
Cues after Yarowsky, "Homograph disambiguation in text-to-speech synthesis" (1997), reduced to the nearest neighbours.
"""

from collections.abc import Callable, Sequence
from typing import Final

_DETERMINERS: Final = frozenset(
    "a an the this that these those my your his her its our their no any some each every another which what whose "
    "of in on at for from with by under about into new old good bad first last next own great little two three".split()
)
_VERBAL: Final = frozenset(
    "to i you we they he she it will would can could shall should may might must do does did not don't didn't doesn't "
    "won't can't cannot couldn't wouldn't let let's who also never always please and then help".split()
)
_PAST: Final = frozenset(
    "had have has having was were been be is are got already just yesterday ago i've you've we've they've he'd she'd".split()
)

NOUN_VERB: Final[dict[str, tuple[str, str]]] = {
    "use": ("Y UW1 S", "Y UW1 Z"),
    "uses": ("Y UW1 S IH0 Z", "Y UW1 Z IH0 Z"),
    "abuse": ("AH0 B Y UW1 S", "AH0 B Y UW1 Z"),
    "excuse": ("IH0 K S K Y UW1 S", "IH0 K S K Y UW1 Z"),
    "house": ("HH AW1 S", "HH AW1 Z"),
    "advocate": ("AE1 D V AH0 K AH0 T", "AE1 D V AH0 K EY2 T"),
    "alternate": ("AO1 L T ER0 N AH0 T", "AO1 L T ER0 N EY2 T"),
    "appropriate": ("AH0 P R OW1 P R IY0 AH0 T", "AH0 P R OW1 P R IY0 EY2 T"),
    "associate": ("AH0 S OW1 S IY0 AH0 T", "AH0 S OW1 S IY0 EY2 T"),
    "attribute": ("AE1 T R AH0 B Y UW2 T", "AH0 T R IH1 B Y UW0 T"),
    "combine": ("K AA1 M B AY0 N", "K AH0 M B AY1 N"),
    "compound": ("K AA1 M P AW0 N D", "K AH0 M P AW1 N D"),
    "compress": ("K AA1 M P R EH0 S", "K AH0 M P R EH1 S"),
    "conduct": ("K AA1 N D AH0 K T", "K AH0 N D AH1 K T"),
    "conflict": ("K AA1 N F L IH0 K T", "K AH0 N F L IH1 K T"),
    "console": ("K AA1 N S OW0 L", "K AH0 N S OW1 L"),
    "content": ("K AA1 N T EH0 N T", "K AH0 N T EH1 N T"),
    "contest": ("K AA1 N T EH0 S T", "K AH0 N T EH1 S T"),
    "contract": ("K AA1 N T R AE2 K T", "K AH0 N T R AE1 K T"),
    "contrast": ("K AA1 N T R AE0 S T", "K AH0 N T R AE1 S T"),
    "converse": ("K AA1 N V ER0 S", "K AH0 N V ER1 S"),
    "convert": ("K AA1 N V ER0 T", "K AH0 N V ER1 T"),
    "convict": ("K AA1 N V IH0 K T", "K AH0 N V IH1 K T"),
    "decrease": ("D IY1 K R IY2 S", "D IH0 K R IY1 S"),
    "defect": ("D IY1 F EH0 K T", "D IH0 F EH1 K T"),
    "delegate": ("D EH1 L AH0 G AH0 T", "D EH1 L AH0 G EY2 T"),
    "deliberate": ("D IH0 L IH1 B ER0 AH0 T", "D IH0 L IH1 B ER0 EY2 T"),
    "desert": ("D EH1 Z ER0 T", "D IH0 Z ER1 T"),
    "digest": ("D AY1 JH EH0 S T", "D AY0 JH EH1 S T"),
    "discount": ("D IH1 S K AW0 N T", "D IH0 S K AW1 N T"),
    "duplicate": ("D UW1 P L AH0 K AH0 T", "D UW1 P L AH0 K EY2 T"),
    "elaborate": ("IH0 L AE1 B R AH0 T", "IH0 L AE1 B ER0 EY2 T"),
    "escort": ("EH1 S K AO0 R T", "EH0 S K AO1 R T"),
    "estimate": ("EH1 S T AH0 M AH0 T", "EH1 S T AH0 M EY2 T"),
    "export": ("EH1 K S P AO0 R T", "IH0 K S P AO1 R T"),
    "extract": ("EH1 K S T R AE2 K T", "IH0 K S T R AE1 K T"),
    "graduate": ("G R AE1 JH AH0 W AH0 T", "G R AE1 JH AH0 W EY2 T"),
    "import": ("IH1 M P AO2 R T", "IH0 M P AO1 R T"),
    "increase": ("IH1 N K R IY2 S", "IH0 N K R IY1 S"),
    "insert": ("IH1 N S ER0 T", "IH0 N S ER1 T"),
    "insult": ("IH1 N S AH2 L T", "IH0 N S AH1 L T"),
    "intimate": ("IH1 N T AH0 M AH0 T", "IH1 N T AH0 M EY2 T"),
    "invalid": ("IH1 N V AH0 L AH0 D", "IH0 N V AE1 L AH0 D"),
    "moderate": ("M AA1 D ER0 AH0 T", "M AA1 D ER0 EY2 T"),
    "object": ("AA1 B JH EH0 K T", "AH0 B JH EH1 K T"),
    "overflow": ("OW1 V ER0 F L OW2", "OW2 V ER0 F L OW1"),
    "perfect": ("P ER1 F IH2 K T", "P ER0 F EH1 K T"),
    "permit": ("P ER1 M IH2 T", "P ER0 M IH1 T"),
    "present": ("P R EH1 Z AH0 N T", "P R IH0 Z EH1 N T"),
    "produce": ("P R OW1 D UW0 S", "P R AH0 D UW1 S"),
    "progress": ("P R AA1 G R EH2 S", "P R AH0 G R EH1 S"),
    "project": ("P R AA1 JH EH0 K T", "P R AH0 JH EH1 K T"),
    "protest": ("P R OW1 T EH2 S T", "P R AH0 T EH1 S T"),
    "rebel": ("R EH1 B AH0 L", "R IH0 B EH1 L"),
    "record": ("R EH1 K ER0 D", "R AH0 K AO1 R D"),
    "refund": ("R IY1 F AH2 N D", "R IH0 F AH1 N D"),
    "refuse": ("R EH1 F Y UW2 Z", "R AH0 F Y UW1 Z"),
    "reject": ("R IY1 JH EH0 K T", "R IH0 JH EH1 K T"),
    "research": ("R IY1 S ER0 CH", "R IY0 S ER1 CH"),
    "separate": ("S EH1 P ER0 AH0 T", "S EH1 P ER0 EY2 T"),
    "subject": ("S AH1 B JH IH0 K T", "S AH0 B JH EH1 K T"),
    "survey": ("S ER1 V EY2", "S ER0 V EY1"),
    "suspect": ("S AH1 S P EH2 K T", "S AH0 S P EH1 K T"),
    "torment": ("T AO1 R M EH2 N T", "T AO0 R M EH1 N T"),
    "transfer": ("T R AE1 N S F ER0", "T R AE0 N S F ER1"),
    "transport": ("T R AE1 N S P AO0 R T", "T R AE0 N S P AO1 R T"),
    "upset": ("AH1 P S EH2 T", "AH0 P S EH1 T"),
}
"""Word -> (noun or adjective, verb). Verbs follow a pronoun, an auxiliary or `to`; all else is the noun."""

_VERB_BY_DEFAULT: Final = frozenset(
    {"use", "refuse", "produce", "convert", "combine", "extract", "excuse", "insert", "upset"}
)


def _article(words: Sequence[str], index: int) -> str:
    return "EY1" if index + 1 >= len(words) else "AH0"


def _the(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    vowel = following[:1] in tuple("aeiou") and not following.startswith(("one", "uni", "use", "eu", "once"))
    return "DH IY0" if vowel or following.startswith(("hour", "honest", "heir", "honor")) else "DH AH0"


def _read(words: Sequence[str], index: int) -> str:
    near = words[max(0, index - 3) : index]
    later = words[index + 1 : index + 6]
    perfect = any(word in _PAST for word in near) or "yesterday" in later or "ago" in later
    blocked = any(
        word in ("to", "will", "can", "could", "should", "must", "would", "did", "didn't", "let")
        for word in near
    )
    return "R EH1 D" if perfect and not blocked else "R IY1 D"


def _lead(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    metal = following in (
        "pipe",
        "pipes",
        "paint",
        "poisoning",
        "pencil",
        "bullet",
        "bullets",
        "acid",
        "weight",
    )
    of_metal = (
        index >= 1
        and words[index - 1] in ("of", "molten", "heavy", "liquid")
        and following in ("", "and", "or")
    )
    return "L EH1 D" if metal or of_metal else "L IY1 D"


def _live(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    things = ("music", "show", "shows", "broadcast", "stream", "streams", "streaming", "concert", "audience", "video",
              "coverage", "performance", "performances", "wire", "animals", "event", "events", "chat")  # fmt: skip
    before = words[index - 1] if index else ""
    return (
        "L AY1 V"
        if following in things or before in ("broadcast", "go", "streaming", "goes", "went", "a", "recorded")
        else "L IH1 V"
    )


def _lives(words: Sequence[str], index: int) -> str:
    before = words[index - 1] if index else ""
    plural = before in _DETERMINERS - {"that", "which", "what"} or before in (
        "save",
        "saved",
        "many",
        "nine",
        "human",
    )
    return "L AY1 V Z" if plural else "L IH1 V Z"


def _close(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    before = words[index - 1] if index else ""
    near = following in (
        "to",
        "by",
        "enough",
        "friend",
        "friends",
        "together",
        "call",
        "range",
        "relationship",
        "attention",
    )
    near = near or before in (
        "so",
        "very",
        "too",
        "is",
        "was",
        "are",
        "were",
        "how",
        "as",
        "get",
        "getting",
        "come",
        "came",
        "stay",
    )
    return "K L OW1 S" if near else "K L OW1 Z"


def _wind(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    before = words[index - 1] if index else ""
    return (
        "W AY1 N D"
        if following in ("up", "down", "through", "around", "back") and before not in ("the", "a")
        else "W IH1 N D"
    )


def _tear(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    before = words[index - 1] if index else ""
    rip = (
        following in ("up", "down", "apart", "off", "it", "them", "the", "out", "open", "away")
        or before == "to"
    )
    return "T EH1 R" if rip else "T IH1 R"


def _minute(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    tiny = following in (
        "details",
        "detail",
        "amounts",
        "amount",
        "quantities",
        "particles",
        "differences",
        "changes",
    )
    return "M AY0 N UW1 T" if tiny else "M IH1 N AH0 T"


def _bow(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    before = words[index - 1] if index else ""
    return (
        "B AW1"
        if following in ("down", "to", "before", "of") or before in ("to", "deep", "take")
        else "B OW1"
    )


def _wound(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    return "W AW1 N D" if following in ("up", "down", "around", "its", "through", "round") else "W UW1 N D"


def _dove(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    return "D OW1 V" if following in ("into", "in", "down", "under", "off", "for") else "D AH1 V"


def _used(words: Sequence[str], index: int) -> str:
    following = words[index + 1] if index + 1 < len(words) else ""
    return "Y UW1 S T" if following == "to" else "Y UW1 Z D"


def _resume(words: Sequence[str], index: int) -> str:
    before = words[index - 1] if index else ""
    return "R EH1 Z AH0 M EY2" if before in ("my", "your", "his", "her", "a", "their") else "R IH0 Z UW1 M"


_RULES: Final[dict[str, Callable[[Sequence[str], int], str]]] = {
    "a": _article, "the": _the, "read": _read, "lead": _lead, "live": _live, "lives": _lives, "close": _close,
    "wind": _wind, "tear": _tear, "minute": _minute, "bow": _bow, "wound": _wound, "dove": _dove, "used": _used,
    "resume": _resume,
}  # fmt: skip


def pronounce(words: Sequence[str], index: int) -> tuple[str, ...] | None:
    """Phones of word `index` among its lower-case neighbours; None when the word is no homograph."""
    word = words[index]
    if word in _RULES:
        return tuple(_RULES[word](words, index).split())
    if word not in NOUN_VERB:
        return None
    noun, verb = NOUN_VERB[word]
    before = words[index - 1] if index else ""
    if before in _DETERMINERS:
        return tuple(noun.split())
    verbal = before in _VERBAL or (not before and word in _VERB_BY_DEFAULT) or word in _VERB_BY_DEFAULT
    return tuple((verb if verbal else noun).split())
