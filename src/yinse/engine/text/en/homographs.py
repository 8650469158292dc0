"""English words spelled alike and said differently: which one, from the words around.

Two kinds: a noun (or adjective) against a verb, told apart by the word before, and a few words with rules of their own.
Cues after Yarowsky, "Homograph disambiguation in text-to-speech synthesis" (1997), reduced to the nearest neighbours.
"""

from collections.abc import Callable, Sequence
from typing import Final

from yinse.engine.text.tables import rows

_DETERMINERS: Final = frozenset(
    "a an the this that these those my your his her its our their no any some each every another which what whose "
    "of in on at for from with by under about into new old good bad first last next own great little two three".split()
)
_VERBAL: Final = frozenset(
    "to i you we they he she it will would can could shall should may might must do does did not don't didn't doesn't "
    "won't can't cannot couldn't wouldn't let let's who also never always please and then help".split()
)
_PAST: Final = frozenset(
    "had have has having was were been be is are got already just yesterday ago i've you've we've they've "
    "he'd she'd".split()
)

NOUN_VERB: Final = {word: (noun, verb) for word, noun, verb in rows("en_homographs.tsv")}
"""Word -> (noun or adjective, verb). Verbs follow a pronoun, an auxiliary or `to`; all else is the noun."""

_VERB_BY_DEFAULT: Final = frozenset(
    {"use", "refuse", "produce", "convert", "combine", "extract", "excuse", "insert", "upset"}
)


def _article(words: Sequence[str], index: int) -> str:
    return "EY1" if index + 1 >= len(words) else "AH0"


def _the(words: Sequence[str], index: int) -> str:
    """`DH IY0` before a vowel sound, with the letters and words whose spelling misleads."""
    following = words[index + 1] if index + 1 < len(words) else ""
    if len(following) == 1:
        vowel = following in tuple("aefhilmnorsx")
    else:
        vowel = following[:1] in tuple("aeiou") and not following.startswith(
            ("one", "uni", "us", "eu", "once", "ubi", "uti")
        )
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
