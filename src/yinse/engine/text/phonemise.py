"""Text to inventory symbols, the short way: what training and alignment need of the frontend."""

import re
from functools import cache
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.notation import require_language
from yinse.engine.text.zh.syllable import PINYIN_SHAPE, parse

_PINYIN: Final = re.compile(rf"_?(?:{PINYIN_SHAPE}(?: (?=[a-z])|$))+")


@cache
def _frontend() -> TextFrontend:
    return TextFrontend()


def phonemise(text: str, language: str) -> list[str]:
    """Return the inventory symbols of `text`; raise `InvalidInput` when nothing in it can be spoken.

    Chinese text that consists of numbered pinyin (`qiao3`, `ni3 hao3`) is read as such, without sandhi; a leading
    underscore, with which some corpora mark rare syllables, is allowed.
    """
    if require_language(language) == "zh" and _PINYIN.fullmatch(text.strip()):
        return _read_pinyin(text.strip().removeprefix("_"))
    return [symbol for utterance in _frontend().analyse(text, language) for symbol in utterance.symbols]


def _read_pinyin(text: str) -> list[str]:
    symbols: list[str] = []
    for item in text.split():
        if (syllable := parse(item)) is None:
            raise InvalidInput(f"{item!r} is not a Mandarin syllable.")
        symbols += syllable.symbols
    return symbols
