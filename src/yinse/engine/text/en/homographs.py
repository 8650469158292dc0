"""English words spelled alike and said differently: which one, from the words around.

Two kinds: a noun (or adjective) against a verb, told apart by the word before, and a few words with rules of their own.
Cues after Yarowsky, "Homograph disambiguation in text-to-speech synthesis" (1997), reduced to the nearest neighbours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from yinse.engine.text.tables import rows

_DETERMINERS: Final = frozenset(
    "a an the this that these those my your his her its our their no any some each every another which what whose "
    "of in on at for from with by under about into new old good bad first last next own great little two three "
    "fresh organic local".split()
)
_VERBAL: Final = frozenset(
    "to i you we they he she it will would can could shall should may might must do does did not don't didn't doesn't "
    "won't can't cannot couldn't wouldn't let let's who also never always please and then help".split()
)
_PAST: Final = frozenset(
    "had have has having was were been be is are got already just yesterday ago i've you've we've they've "
    "he'd she'd".split()
)

_OBJECTS: Final = frozenset(
    "a an the this that these those it them him us me my your his her our their".split()
)
"""After the first word of a clause they make it a command: `Record a song`."""

NOUN_VERB: Final = {word: (noun, verb) for word, noun, verb in rows("en_homographs.tsv")}
"""Word -> (noun or adjective, verb). Verbs follow a pronoun, an auxiliary or `to`; all else is the noun."""

_VERB_BY_DEFAULT: Final = frozenset(
    {"use", "refuse", "converse", "produce", "convert", "combine", "extract", "excuse", "insert", "upset"}
)


_BEFORE_VERB: Final = frozenset("let make help lets".split())
_ARTICLES: Final = frozenset("a an no another every".split())
_SINGULAR: Final = frozenset("he she it who which that never always also".split())
_VOICELESS: Final = frozenset("P T K F TH".split())
_SIBILANT: Final = frozenset("S Z SH ZH CH JH".split())
_OBJECT_PRONOUNS: Final = frozenset("me us him her them it you".split())
_LAST: Final = frozenset(("last", time) for time in "night week month year time summer winter".split())


def _article(words: Sequence[str], index: int) -> str:
    return "EY1" if index + 1 >= len(words) else "AH0"


def _read(words: Sequence[str], index: int) -> str:
    near = words[max(0, index - 3) : index]
    later = words[index + 1 : index + 6]
    dated = "yesterday" in later or "ago" in later or bool(_LAST & set(pairwise(later)))
    perfect = dated or any(word in _PAST for word in near) or near[-1:] == ["well"]
    blocked = any(
        word in ("to", "will", "can", "could", "should", "must", "would", "did", "didn't", "let")
        for word in near
    )
    return "R EH1 D" if perfect and not blocked else "R IY1 D"


@dataclass(frozen=True, slots=True)
class _Heteronym:
    """A word with a usual and another pronunciation, and the neighbours that call for the other."""

    usual: str
    other: str
    following: frozenset[str]
    preceding: frozenset[str]

    def choose(self, before: Sequence[str], after: str) -> str:
        """Pronunciation after the words `before` (the last one counts, or the last two joined by `_`)."""
        last = before[-1] if before else ""
        called = after in self.following and f"-{last}" not in self.preceding
        return self.other if called or {last, "_".join(before[-2:])} & self.preceding else self.usual


_HETERONYMS: Final = {
    word: _Heteronym(usual, other, *(frozenset(cues.split()) for cues in (*cues, "", "")[:2]))
    for word, usual, other, *cues in rows("en_heteronyms.tsv")
}
_FUNCTIONS: Final[dict[str, Callable[[Sequence[str], int], str]]] = {
    "a": _article,
    "read": _read,
}


def pronounce(words: Sequence[str], index: int) -> tuple[str, ...] | None:
    """Phones of word `index` among its lower-case neighbours; None when the word is no homograph."""
    word = words[index]
    after = words[index + 1] if index + 1 < len(words) else ""
    if word in _FUNCTIONS:
        spoken = _FUNCTIONS[word](words, index)
    elif word in _HETERONYMS:
        spoken = _HETERONYMS[word].choose(words[:index], after)
    elif word in NOUN_VERB:
        noun, verb = NOUN_VERB[word]
        spoken = verb if _is_verb(word, words[:index], after) else noun
    elif word[-1:] == "s" and word[:-1] in NOUN_VERB and word != "houses":
        noun, verb = NOUN_VERB[word[:-1]]
        return plural((verb if _is_third_person(words[:index], after) else noun).split())
    else:
        return None
    return tuple(spoken.split())


def _is_third_person(earlier: Sequence[str], after: str) -> bool:
    """Whether a homograph with -s is a verb: after a singular subject, or with an object after anything but a determiner."""
    before = earlier[-1] if earlier else ""
    return before in _SINGULAR or (bool(before) and before not in _DETERMINERS and after in _OBJECTS)


def plural(phones: Sequence[str]) -> tuple[str, ...]:
    """Add the -s of plurals, possessives and third persons."""
    if phones[-1] in _SIBILANT:
        return (*phones, "IH0", "Z")
    return (*phones, "S" if phones[-1] in _VOICELESS else "Z")


def _is_verb(word: str, earlier: Sequence[str], after: str) -> bool:
    before = earlier[-1] if earlier else ""
    if before in _OBJECT_PRONOUNS and set(earlier[-2:-1]) & _BEFORE_VERB:
        return True
    if before in _DETERMINERS or (earlier[-2:-1] and earlier[-2] in _ARTICLES and before not in _VERBAL):
        return False
    imperative = not before and after in _OBJECTS
    return imperative or before in _VERBAL or word in _VERB_BY_DEFAULT
