"""Mandarin words: the most probable segmentation under a unigram model, with each word's reading."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from yinse.engine.text.tables import lines

LONGEST_WORD: Final = 8
_UNKNOWN_FREQUENCY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its part of speech (ICTCLAS tag, `x` unknown) and numbered pinyin, one item a character."""

    text: str
    tag: str
    pinyin: tuple[str, ...]


class WordTable:
    """Frequencies, tags and readings of words, and default readings of characters."""

    def __init__(
        self,
        entries: dict[str, tuple[float, str, tuple[str, ...] | None]],
        characters: dict[str, tuple[str, ...]],
    ) -> None:
        self._entries = entries
        self._characters = characters
        self._log_total = math.log(sum(entry[0] for entry in entries.values()) or 1.0)
        self._floor = math.log(_UNKNOWN_FREQUENCY) - self._log_total

    def __contains__(self, word: str) -> bool:
        return word in self._entries

    def log_probability(self, word: str) -> float:
        """Natural logarithm of the word's unigram probability."""
        entry = self._entries.get(word)
        return math.log(entry[0]) - self._log_total if entry else self._floor * len(word)

    def readings(self, char: str) -> tuple[str, ...]:
        """Numbered readings of a character, the default first; empty when it is unknown."""
        return self._characters.get(char, ())

    def word(self, text: str) -> Word:
        """Look a word up; one that is not listed is read character by character."""
        _, tag, pinyin = self._entries.get(text, (0.0, "x", None))
        return Word(text, tag, pinyin or tuple(self._characters.get(char, ("",))[0] for char in text))

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
    """The bundled table, read once a process (0.2 s)."""
    characters = {}
    for line in lines("zh_chars.txt.gz"):
        char, readings = line.split("\t")
        characters[char] = tuple(readings.split(" "))
    entries: dict[str, tuple[float, str, tuple[str, ...] | None]] = {}
    for line in lines("zh_words.txt.gz"):
        word, frequency, tag, *reading = line.split("\t")
        entries[word] = (float(frequency), tag, tuple(reading[0].split(" ")) if reading else None)
    return WordTable(entries, characters)
