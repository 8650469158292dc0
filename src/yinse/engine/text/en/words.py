"""English words to phones: listed, spelled out, built from known parts, or guessed by the graphone model."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from yinse.engine.text.en import graphones
from yinse.engine.text.en.dictionary import is_listed, pronunciations
from yinse.engine.text.en.homographs import pronounce as pronounce_homograph

_SPELLED_IN_CAPITALS: Final = frozenset(
    "US IT AI WHO AM PM OR ID TV PC CD IQ EU UN AC DC HR IP IT'S AT IN IS AS ON OF OS AR VR MR MS DOS AD BC OK".split()
) - frozenset("IT'S OR IN IS AS ON OF".split())
"""Capitals that are initials although a word is spelled the same."""
_VOICELESS: Final = frozenset("P T K F TH".split())
_SIBILANT: Final = frozenset("S Z SH ZH CH JH".split())
_CLITICS: Final = {"'ll": "AH0 L", "'ve": "V", "'d": "D", "'re": "ER0", "'m": "M", "n't": "AH0 N T"}
_CAMEL: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]")
_SAYABLE: Final = re.compile("[^AEIOU]{0,2}[AEIOUY]+[^AEIOU]{1,2}[AEIOUY]*")
_SHORTEST_PART: Final = 3
_LONGEST_WORD: Final = 40


def fold(word: str) -> str:
    """Drop accents and unify the apostrophe: `naïve` -> naive."""
    decomposed = unicodedata.normalize("NFD", word.replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def is_shouting(words: Sequence[str]) -> bool:
    """Whether a text is written in capitals throughout, so that capitals do not mark initials."""
    lettered = [word for word in words if len(word) > 1]
    return len(lettered) > 1 and all(word.isupper() for word in lettered)


def pronounce(words: Sequence[str], index: int, *, shouting: bool) -> tuple[str, ...]:
    """ARPAbet phones of word `index` of a stretch of English."""
    word = fold(words[index])
    initials = _is_initials(word, shouting=shouting)
    if len(word) == 1:
        return _single(words, index, shouting=shouting)
    if initials:
        return _with_ending(word)
    lowered = [fold(other).lower() for other in words[max(0, index - 4) : index + 7]]
    homograph = pronounce_homograph(lowered, min(index, 4))
    if homograph is not None:
        return homograph
    return pronounce_word(word)


def _single(words: Sequence[str], index: int, *, shouting: bool) -> tuple[str, ...]:
    """A lone letter: `I` and the article `a` are words, the rest are names of letters."""
    letter = words[index]
    following = words[index + 1] if index + 1 < len(words) else ""
    article = letter == "a" or (letter == "A" and (index == 0 or shouting))
    if article and len(following) > 1 and (following.islower() or following.istitle() or shouting):
        return ("AH0",)
    return spell(fold(letter))


def spell(letters: str) -> tuple[str, ...]:
    """The names of the letters of a word, apostrophes left out."""
    return tuple(phone for letter in letters.lower() if letter.isalpha() for phone in _letter(letter))


def _with_ending(word: str) -> tuple[str, ...]:
    """Initials, with the ending of a plural or possessive said as such: `CPUs`, `NASA's`."""
    stem = re.sub("(?:'s|s|')$", "", word)
    return plural(spell(stem)) if stem != word and not word.endswith("'") else spell(stem)


def _letter(letter: str) -> tuple[str, ...]:
    return ("EY1",) if letter == "a" else next(iter(pronunciations(letter)), ())


def _is_initials(word: str, *, shouting: bool) -> bool:
    """Whether a word in capitals is read letter by letter (USA, CPUs) rather than as a word (NASA, LOGO)."""
    stem = re.sub("(?:'s|s|')$", "", word)
    if not stem.isupper() or shouting or len(stem) < 2:
        return False
    if stem in _SPELLED_IN_CAPITALS or (stem != word and is_listed(stem) and _is_spelled(stem)):
        return True
    if is_listed(stem):
        return False
    return (
        len(stem) <= 3 or (len(stem) == 4 and not _SAYABLE.fullmatch(stem)) or not set(stem) & set("AEIOUY")
    )


def _is_spelled(stem: str) -> bool:
    """Whether the dictionary itself spells these capitals out."""
    return [phone.rstrip("012") for phone in _listed(stem)] == [phone.rstrip("012") for phone in spell(stem)]


@lru_cache(maxsize=8192)
def pronounce_word(word: str) -> tuple[str, ...]:
    """Phones of a word by itself: dictionary, then its parts, then the model."""
    return (
        _listed(word)
        or _clitic(word)
        or _camel(word)
        or _derived(word.lower())
        or _compound(word.lower())
        or _guess(word)
    )


def _listed(word: str) -> tuple[str, ...]:
    return next(iter(pronunciations(word)), ())


def _guess(word: str) -> tuple[str, ...]:
    letters = re.sub("[^a-z']", "", word.lower()).strip("'")
    if not re.search("[aeiouy]", letters):
        return spell(letters)
    pieces = [letters[start : start + _LONGEST_WORD] for start in range(0, len(letters), _LONGEST_WORD)]
    return tuple(phone for piece in pieces for phone in graphones.pronounce(piece))


def plural(phones: tuple[str, ...]) -> tuple[str, ...]:
    """Add the -s of plurals, possessives and third persons."""
    if phones[-1] in _SIBILANT:
        return (*phones, "IH0", "Z")
    return (*phones, "S" if phones[-1] in _VOICELESS else "Z")


def _past(phones: tuple[str, ...]) -> tuple[str, ...]:
    if phones[-1] in ("T", "D"):
        return (*phones, "IH0", "D")
    return (*phones, "T" if phones[-1] in _VOICELESS | {"S", "SH", "CH"} else "D")


def _clitic(word: str) -> tuple[str, ...]:
    """Possessives and contractions of words: `Xiaomi's`, `boss'`, `who'd've`."""
    if "'" not in word:
        return ()
    if word.endswith(("'s", "s'")):
        stem = word[:-2] if word.endswith("'s") else word[:-1]
        phones = pronounce_word(stem)
        return phones if word.endswith("s'") else plural(phones) if phones else ()
    for clitic, sound in _CLITICS.items():
        if word.endswith(clitic) and len(word) > len(clitic):
            return (*pronounce_word(word.removesuffix(clitic)), *sound.split())
    return pronounce_word(word.replace("'", ""))


def _camel(word: str) -> tuple[str, ...]:
    """`OpenAI` -> Open + A I, `iPhone` -> i + Phone: parts that capitals mark off."""
    parts = _CAMEL.findall(word)
    if len(parts) < 2 or word.isupper() or word.istitle():
        return ()
    said = [spell(part) if part.isupper() or len(part) == 1 else pronounce_word(part) for part in parts]
    return tuple(phone for phones in said for phone in phones)


def _derived(word: str) -> tuple[str, ...]:
    """An inflected or derived form of a listed word: `vlogs`, `tweeted`, `blogging`, `unfollow`, `geekiness`."""
    for suffix, stems, build in _SUFFIXES:
        if word.endswith(suffix) and len(word) > len(suffix) + 2:
            stem = word.removesuffix(suffix)
            for candidate in (template.format(stem=stem, last=stem[-1]) for template in stems):
                undoubled = stem[:-1] if stem[-1] == stem[-2] else ""
                for form in (candidate, undoubled if suffix in ("ed", "ing", "er") else ""):
                    if len(form) >= _SHORTEST_PART and (phones := _listed(form)):
                        return build(phones)
    for prefix, sound in _PREFIXES.items():
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > _SHORTEST_PART and (phones := _listed(rest)):
            return (*sound.split(), *phones)
    return ()


def _append(sound: str):  # type: ignore[no-untyped-def]
    return lambda phones: (*phones, *sound.split())


_SUFFIXES: Final = (
    ("s", ("{stem}",), plural),
    ("es", ("{stem}", "{stem}e"), plural),
    ("ies", ("{stem}y",), plural),
    ("ed", ("{stem}", "{stem}e"), _past),
    ("ing", ("{stem}", "{stem}e"), _append("IH0 NG")),
    ("er", ("{stem}", "{stem}e"), _append("ER0")),
    ("ers", ("{stem}", "{stem}e"), _append("ER0 Z")),
    ("ly", ("{stem}",), _append("L IY0")),
    ("ness", ("{stem}",), _append("N AH0 S")),
    ("less", ("{stem}",), _append("L AH0 S")),
    ("ful", ("{stem}",), _append("F AH0 L")),
    ("ment", ("{stem}",), _append("M AH0 N T")),
    ("able", ("{stem}", "{stem}e"), _append("AH0 B AH0 L")),
    ("ish", ("{stem}",), _append("IH0 SH")),
    ("like", ("{stem}",), _append("L AY2 K")),
    ("ship", ("{stem}",), _append("SH IH2 P")),
)
_PREFIXES: Final = {
    "un": "AH2 N", "re": "R IY2", "non": "N AA2 N", "pre": "P R IY2", "over": "OW2 V ER0", "under": "AH2 N D ER0",
    "anti": "AE2 N T IY0", "multi": "M AH2 L T IY0", "super": "S UW2 P ER0", "micro": "M AY2 K R OW0", "mis": "M IH2 S",
    "inter": "IH2 N T ER0", "semi": "S EH2 M IY0", "hyper": "HH AY2 P ER0", "cyber": "S AY2 B ER0", "bio": "B AY2 OW0",
    "auto": "AO2 T OW0", "tele": "T EH2 L AH0", "mega": "M EH2 G AH0", "nano": "N AE2 N OW0", "crypto": "K R IH2 P T OW0",
}  # fmt: skip


def _compound(word: str) -> tuple[str, ...]:
    """Two listed words written as one: `streetlevel`, `blockchain`. The second loses its primary stress."""
    splits = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    for split in sorted(splits, key=lambda at: abs(at - len(word) / 2)):
        first, second = _listed(word[:split]), _listed(word[split:])
        if first and second and min(split, len(word) - split) >= _SHORTEST_PART and len(word) > 6:
            return (*first, *(phone.replace("1", "2") for phone in second))
    return ()
