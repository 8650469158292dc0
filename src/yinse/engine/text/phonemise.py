"""Text to inventory symbols, the short way: what training and alignment need of the frontend."""

import re
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.en import dictionary
from yinse.engine.text.ja import openjtalk
from yinse.engine.text.zh.speech import is_hanzi, syllables_of
from yinse.engine.text.zh.syllable import parse

LANGUAGES: Final = ("zh", "en", "ja")
_MARKS: Final = {
    **dict.fromkeys("，、；：,;:", ","), **dict.fromkeys("。．.\n", "."), **dict.fromkeys("？?", "?"),
    **dict.fromkeys("！!", "!"), "…": "…", "～": "…", "~": "…", "—": "-", "–": "-",
}  # fmt: skip
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z'’]*")
_JAPANESE: Final = re.compile(r"[^\x00-\x7f，、；：。．？！…～—–]+")


def phonemise(text: str, language: str) -> list[str]:
    """Return the inventory symbols of `text`; raise `InvalidInput` when nothing in it can be spoken."""
    if language not in LANGUAGES:
        raise InvalidInput(f"Unknown language {language!r}: use one of {', '.join(LANGUAGES)}.")
    if language == "zh" and (syllable := parse(text.strip())):
        return list(syllable.symbols)
    symbols: list[str] = []
    position = 0
    while position < len(text):
        position = _step(text, position, language, symbols)
    if not any("/" in symbol for symbol in symbols):
        raise InvalidInput("There is nothing to speak in this text.")
    return symbols


def _step(text: str, position: int, language: str, symbols: list[str]) -> int:
    char = text[position]
    if match := _LATIN.match(text, position):
        symbols += _english(match.group(), text, language)
        return match.end()
    if char in _MARKS:
        if symbols and "/" in symbols[-1]:
            symbols.append(_MARKS[char])
        return position + 1
    if language == "ja" and (match := _JAPANESE.match(text, position)):
        symbols += [phone.symbol for phone in openjtalk.phones(match.group())]
        return match.end()
    end = position
    while end < len(text) and is_hanzi(text[end]):
        end += 1
    if end > position:
        symbols += [symbol for syllable in syllables_of(text[position:end]) for symbol in syllable.symbols]
        return end
    return position + 1


def _english(word: str, text: str, language: str) -> list[str]:
    word = word.replace("’", "'").strip("'")
    if word == "A" and language != "en":
        return ["en/EY1"]
    found = dictionary.pronunciations(word) or dictionary.pronunciations(word.removesuffix("'s"))
    if found:
        return [f"en/{phone}" for phone in found[0]]
    return [f"en/{phone}" for letter in word for phone in (dictionary.pronunciations(letter) or [()])[-1]]
