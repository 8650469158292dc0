"""English words to phones: listed, spelled out, taken apart, or guessed by the graphone model.

Of the usual rules for building unlisted words from listed ones only the ending -s is here: on held-out words it is
right more often than the model (87 % against 75 % of words, with stress), while -ed and -ing are no better on the whole
and compounds are far worse (`docs/adr/0020-text-by-tables-and-rules.md`).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from yinse.engine.text.en import graphones
from yinse.engine.text.en.dictionary import is_listed, pronunciations
from yinse.engine.text.en.homographs import plural
from yinse.engine.text.en.homographs import pronounce as pronounce_homograph

Phones: TypeAlias = tuple[str, ...]
_SPELLED_IN_CAPITALS: Final = frozenset(
    "US IT AI WHO AM PM ID TV PC CD IQ EU UN AC DC HR IP OS AR VR MR MS DOS AD BC OK SEO ROI ER ED MC KO CT EV IDE "
    "COO SOP OTA KOL EMBA TA EST CO".split()
)
"""Capitals that are initials although a word is spelled the same."""
_CLITICS: Final = {"'ll": "AH0 L", "'ve": "V", "'d": "D", "'re": "ER0", "'m": "M", "n't": "AH0 N T"}
_CAMEL: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]")
_SAYABLE: Final = re.compile("[^AEIOU]{0,2}[AEIOUY]+[^AEIOU]{1,2}[AEIOUY]*")
_CAPITALISED: Final[dict[str, Phones]] = {
    "Polish": ("P", "OW1", "L", "IH0", "SH"),
    "Ai": ("AY1",),
}
"""Words that a capital makes another word, unless it only begins a sentence."""
_LONGEST_GUESS: Final = 40
_NO_WORD: Final = re.compile("[^aeiou]{1,2}|[^aeiou]*[^aeiouy]{3}[^aeiou]*|y[^aeiou]*|[^aeiouy]*")
"""Letters without a vowel, or whose y cannot be one: `yyds`, `xfxy`, `tql`."""


def fold(word: str) -> str:
    """Drop accents and unify the apostrophe: `naïve` -> naive."""
    decomposed = unicodedata.normalize("NFD", word.replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def pronounce(words: Sequence[str], index: int, *, shouting: bool) -> Phones:
    """ARPAbet phones of word `index` of a stretch of English."""
    word = fold(words[index])
    initials = _is_initials(word, shouting=shouting)
    if len(word) == 1:
        return _single(words, index, shouting=shouting)
    if initials:
        return _with_ending(word)
    lowered = [fold(other).lower() for other in words[max(0, index - 4) : index + 7]]
    if lowered[min(index, 4)] == "the":
        return _the(words, index, shouting=shouting)
    if word in _CAPITALISED and (index or not _is_command(lowered)):
        return _CAPITALISED[word]
    if accented := _accented(words[index]):
        return accented
    homograph = pronounce_homograph(lowered, min(index, 4))
    if homograph is not None:
        return homograph
    return pronounce_word(word)


def _the(words: Sequence[str], index: int, *, shouting: bool) -> Phones:
    """`DH IY0` before a vowel as it sounds: the hour, the FBI, but the one, the UN."""
    following = words[index + 1] if index + 1 < len(words) else ""
    if not following or fold(following).lower() == "the":
        return ("DH", "AH0")
    phones = pronounce(words, index + 1, shouting=shouting)
    return ("DH", "IY0" if phones and phones[0][-1].isdigit() else "AH0")


def _is_command(clause: Sequence[str]) -> bool:
    """Whether the second word is an object: `Polish your shoes`."""
    return len(clause) > 1 and clause[1] in (
        "the",
        "your",
        "my",
        "it",
        "them",
        "these",
        "those",
        "this",
        "that",
    )


def _single(words: Sequence[str], index: int, *, shouting: bool) -> Phones:
    """A lone letter: `I` and the article `a` are words, the rest are names of letters."""
    letter = words[index]
    following = words[index + 1] if index + 1 < len(words) else ""
    article = letter == "a" or (letter == "A" and (index == 0 or shouting))
    if article and len(following) > 1 and (following.islower() or following.istitle() or shouting):
        return ("AH0",)
    return spell(fold(letter))


def spell(letters: str) -> Phones:
    """The names of the letters of a word, apostrophes left out."""
    return tuple(phone for letter in letters.lower() if letter.isalpha() for phone in _letter(letter))


def _with_ending(word: str) -> Phones:
    """Initials, with the ending of a plural or possessive said as such: `CPUs`, `NASA's`."""
    stem = re.sub("(?:'s|s|')$", "", word)
    return plural(spell(stem)) if stem != word and not word.endswith("'") else spell(stem)


def _letter(letter: str) -> Phones:
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
def pronounce_word(word: str) -> Phones:
    """Phones of a word by itself: dictionary, then its parts, then the model."""
    lower = word.lower()
    return _listed(word) or _clitic(word) or _camel(word) or _inflected(lower) or _guess(lower)


def _listed(word: str) -> Phones:
    return next(iter(pronunciations(word)), ())


def _accented(written: str) -> Phones:
    """A word that its accents tell from another: résumé, rosé."""
    return () if written.isascii() else _listed(unicodedata.normalize("NFC", written))


def _inflected(word: str) -> Phones:
    """A listed word with the ending -s: `vlogs`, `replies`, `boxes`."""
    stems = [f"{word[:-3]}y"] if word.endswith("ies") else []
    stems += [word[:-1], word[:-2]] if word.endswith("es") else [word[:-1]] if word.endswith("s") else []
    return next((plural(phones) for stem in stems if len(stem) > 2 and (phones := _listed(stem))), ())


def _guess(word: str) -> Phones:
    letters = re.sub("[^a-z']", "", word).strip("'")
    if _NO_WORD.fullmatch(letters):
        return spell(letters)
    pieces = [letters[start : start + _LONGEST_GUESS] for start in range(0, len(letters), _LONGEST_GUESS)]
    return tuple(phone for piece in pieces for phone in graphones.pronounce(piece))


def _clitic(word: str) -> Phones:
    """Possessives and contractions of words: `Xiaomi's`, `boss'`, `who'd've`."""
    if "'" not in word:
        return ()
    if word.endswith("'s"):
        stem = pronounce_word(word[:-2])
        return plural(stem) if stem else ()
    for clitic, sound in _CLITICS.items():
        if word.endswith(clitic) and len(word) > len(clitic):
            return (*pronounce_word(word.removesuffix(clitic)), *sound.split())
    return pronounce_word(word.replace("'", ""))


def _camel(word: str) -> Phones:
    """`OpenAI` -> Open + A I, `PowerGrid` -> Power + Grid: parts that capitals mark off."""
    parts = _CAMEL.findall(word)
    if len(parts) < 2 or word.isupper() or word.istitle():
        return ()
    said = [spell(part) if part.isupper() or len(part) == 1 else pronounce_word(part) for part in parts]
    return tuple(phone for phones in said for phone in phones)
