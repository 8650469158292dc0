"""What inline control asks for. In cleaned text each directive stands as one private-use character."""

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.characters import DIRECTIVE_BASE, DIRECTIVE_LIMIT
from yinse.engine.text.phoneme import Language
from yinse.engine.text.spanned import Spanned
from yinse.engine.text.zh.syllable import Syllable

SayAsKind: TypeAlias = Literal[
    "cardinal",
    "ordinal",
    "digits",
    "characters",
    "date",
    "time",
    "telephone",
    "fraction",
    "percent",
    "money",
    "word",
]
SAY_AS_KINDS: Final[tuple[SayAsKind, ...]] = (
    "cardinal", "ordinal", "digits", "characters", "date", "time", "telephone", "fraction", "percent", "money", "word",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kana:
    """A Japanese reading: katakana and the accent nucleus in morae (0 = flat)."""

    katakana: str
    nucleus: int


Reading: TypeAlias = tuple[Syllable, ...] | tuple[str, ...] | Kana
"""Mandarin syllables, bare ARPAbet phones, or kana."""


@dataclass(frozen=True, slots=True)
class Override:
    """A reading given by hand (or by the user's lexicon) for the written `surface`."""

    surface: Spanned
    language: Language
    reading: Reading


@dataclass(frozen=True, slots=True)
class Break:
    """A pause of a given length."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SayAs:
    """Text to be read as a given class of token; the language is the one around it."""

    kind: SayAsKind
    content: Spanned


Directive: TypeAlias = Override | Break | SayAs


@dataclass(slots=True)
class Directives:
    """The directives of one text, each known by the character that stands for it."""

    _items: list[Directive] = field(default_factory=list)

    def add(self, directive: Directive) -> str:
        """Store a directive and return its character."""
        code = DIRECTIVE_BASE + len(self._items)
        if code > DIRECTIVE_LIMIT:
            raise InvalidInput("This text has more inline control than can be handled: split it.")
        self._items.append(directive)
        return chr(code)

    def get(self, char: str) -> Directive | None:
        """The directive behind a character, None for ordinary text."""
        index = ord(char) - DIRECTIVE_BASE
        return self._items[index] if 0 <= index < len(self._items) else None
