"""Helpers for reading what a text becomes."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from yinse.engine.text.characters import clean
from yinse.engine.text.directives import Directives
from yinse.engine.text.frontend import TextFrontend

Read: TypeAlias = Callable[[str], str]
_FRONTEND = TextFrontend()


def _normalise(language: str) -> Read:
    def read(text: str) -> str:
        match language:
            case "zh":
                from yinse.engine.text.zh.normalise import NORMALISER
            case "en":
                from yinse.engine.text.en.normalise import NORMALISER
            case _:
                from yinse.engine.text.ja.normalise import NORMALISER
        return NORMALISER(clean(text), Directives()).text

    return read


def _pronounce(language: str) -> Read:
    def read(text: str) -> str:
        utterances = _FRONTEND.analyse(text, language)
        return " ".join(unit.reading or unit.text for utterance in utterances for unit in utterance.units)

    return read


@pytest.fixture
def normalise_zh() -> Read:
    """Normalised Mandarin."""
    return _normalise("zh")


@pytest.fixture
def normalise_en() -> Read:
    """Normalised English."""
    return _normalise("en")


@pytest.fixture
def normalise_ja() -> Read:
    """Normalised Japanese."""
    return _normalise("ja")


@pytest.fixture
def pinyin() -> Read:
    """Surface pinyin of a Mandarin text, one syllable or mark a word."""
    return _pronounce("zh")


@pytest.fixture
def arpabet() -> Read:
    """ARPAbet of an English text, words joined by spaces."""
    return _pronounce("en")


@pytest.fixture
def japanese() -> Read:
    """Symbols of a Japanese text without their prefix: pitch digits on vowels."""

    def read(text: str) -> str:
        symbols = [symbol for utterance in _FRONTEND.analyse(text, "ja") for symbol in utterance.symbols]
        return " ".join(symbol.removeprefix("ja/") for symbol in symbols)

    return read
