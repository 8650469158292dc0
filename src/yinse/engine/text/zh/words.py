"""Mandarin words: the most probable segmentation under a unigram model, with each word's reading."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from yinse.engine.text.tables import lines

LONGEST_WORD: Final = 8
TOTAL: Final = "∑"
"""The entry that holds the sum of all frequencies."""
_UNKNOWN_FREQUENCY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its part of speech (ICTCLAS tag, `x` unknown) and numbered pinyin, one item a character."""

    text: str
    tag: str
    pinyin: tuple[str, ...]


class WordTable:
    """Frequencies, tags and readings of words, and default readings of characters.

    A word's entry is kept as it is stored, `frequency<tab>tag[<tab>reading]`, and read when asked for; so is a
    character's, its readings separated by spaces. `total` is the sum of all frequencies.
    """

    def __init__(self, entries: Mapping[str, str], characters: Mapping[str, str], total: float) -> None:
        self._entries = entries
        self._characters = characters
        self._log_total = math.log(total)
        self._floor = math.log(_UNKNOWN_FREQUENCY) - self._log_total

    def __contains__(self, word: str) -> bool:
        return word in self._entries

    def log_probability(self, word: str) -> float:
        """Natural logarithm of the word's unigram probability."""
        entry = self._entries.get(word)
        if entry is None:
            return self._floor * len(word)
        return math.log(float(entry.partition("\t")[0])) - self._log_total

    def readings(self, char: str) -> tuple[str, ...]:
        """Numbered readings of a character, the default first; empty when it is unknown."""
        return tuple(self._characters.get(char, "").split())

    def word(self, text: str) -> Word:
        """Look a word up; one that is not listed is read character by character."""
        _, tag, *reading = self._entries.get(text, "0\tx").split("\t")
        pinyin = reading[0].split(" ") if reading else [self._default(char) for char in text]
        return Word(text, tag, tuple(pinyin))

    def _default(self, char: str) -> str:
        return self._characters.get(char, "").partition(" ")[0]

    def split(self, text: str) -> list[str]:
        """Cut `text` where the product of word probabilities is highest (Viterbi, linear in its length)."""
        best = [0.0] * (len(text) + 1)
        step = [1] * len(text)
        for start in range(len(text) - 1, -1, -1):
            best[start] = self.log_probability(text[start]) + best[start + 1]
            for end in range(start + 2, min(start + LONGEST_WORD, len(text)) + 1):
                if text[start:end] in self._entries:
                    score = self.log_probability(text[start:end]) + best[end]
                    if score > best[start]:
                        best[start], step[start] = score, end - start
        words, start = [], 0
        while start < len(text):
            words.append(text[start : start + step[start]])
            start += step[start]
        return words


@cache
def default_table() -> WordTable:
    """The bundled table, read once a process (0.1 s)."""
    characters = dict(line.split("\t", 1) for line in lines("zh_chars.txt.gz"))
    entries = dict(line.split("\t", 1) for line in lines("zh_words.txt.gz"))
    return WordTable(entries, characters, float(entries.pop(TOTAL)))
