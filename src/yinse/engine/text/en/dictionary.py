"""English words that are listed: the CMU Pronouncing Dictionary and our own additions.

`cmudict.txt.gz` is the CMU dictionary (BSD, `CMUDICT-LICENSE.txt`); `en_words.txt` is ours and wins: newer words,
names, acronyms.
"""

from collections.abc import Iterable
from functools import cache

from yinse.engine.text.tables import lines


@cache
def _entries() -> dict[str, str]:
    """Lower-case word -> pronunciations as stored, alternatives joined by `|` (126 000 words, 0.1 s)."""
    return dict(_row(line) for name in ("cmudict.txt.gz", "en_words.txt") for line in lines(name))


def _row(line: str) -> tuple[str, str]:
    word, _, phones = line.partition("\t")
    return word, phones


def listed_words() -> Iterable[str]:
    """Every listed word, lower case."""
    return _entries().keys()


def is_listed(word: str) -> bool:
    """Whether a word, in any case, is in the dictionary."""
    return word.lower() in _entries()


def pronunciations(word: str) -> list[tuple[str, ...]]:
    """ARPAbet alternatives of a word in any case, the commonest first; empty when it is not listed."""
    stored = _entries().get(word.lower())
    return [tuple(alternative.split()) for alternative in stored.split("|")] if stored else []
