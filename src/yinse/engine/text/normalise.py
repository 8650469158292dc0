"""The engine of text normalisation: classes of tokens, tried at each place; the longest match is read out.

A language lists its classes (date, time, money, ...) as a pattern and a function that says the match. Nothing is ever
rewritten twice, so the order of the list decides ties only, and every spoken character keeps the span it came from.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from yinse.engine.text.characters import DIRECTIVE_BASE
from yinse.engine.text.directives import Directives, SayAs, SayAsKind
from yinse.engine.text.spanned import Spanned, SpannedBuilder

LONGEST_WHOLE_TOKEN: Final = 24
"""A longer token (a hundred digits) is not one span: its spoken characters are spread evenly over it."""

Say: TypeAlias = Callable[[re.Match[str]], str | None]
"""Says a match in words; None declines it (13:75 is no time)."""


@dataclass(frozen=True, slots=True)
class TokenClass:
    """One kind of written token: what it looks like and how it is said."""

    name: str
    pattern: re.Pattern[str]
    say: Say


def token(name: str, pattern: str, say: Say, flags: int = 0) -> TokenClass:
    """Build a `TokenClass` from the source of its pattern."""
    return TokenClass(name, re.compile(pattern, flags), say)


def before(match: re.Match[str], count: int) -> str:
    """Up to `count` characters before the match."""
    return match.string[max(0, match.start() - count) : match.start()]


def after(match: re.Match[str], count: int) -> str:
    """Up to `count` characters after the match."""
    return match.string[match.end() : match.end() + count]


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Reads out every token of one language; text that is no token passes unchanged."""

    classes: Sequence[TokenClass]
    start: re.Pattern[str]
    """Matches wherever some class might begin: everything before it is copied in one go."""
    say_as: Callable[[SayAsKind, str], str]
    """Reads content that the user declared to be of a class."""
    spaced: bool = False
    """Whether words are set off by spaces (English)."""

    def __call__(self, source: Spanned, directives: Directives) -> Spanned:
        """Return the spoken form of `source`."""
        builder = SpannedBuilder()
        position = 0
        while match := self.start.search(source.text, position):
            builder.copy(source, position, match.start())
            position = self._read(source, match.start(), builder, directives)
        builder.copy(source, position, len(source))
        return builder.build()

    def _read(self, source: Spanned, position: int, builder: SpannedBuilder, directives: Directives) -> int:
        char = source.text[position]
        if ord(char) >= DIRECTIVE_BASE:
            directive = directives.get(char)
            if isinstance(directive, SayAs):
                self._say(
                    self.say_as(directive.kind, directive.content.text),
                    source,
                    position,
                    position + 1,
                    builder,
                )
            else:
                builder.copy(source, position, position + 1)
            return position + 1
        end, spoken = self._longest(source.text, position)
        if spoken is None:
            builder.copy(source, position, end)
        else:
            self._say(spoken, source, position, end, builder)
        return end

    def _longest(self, text: str, position: int) -> tuple[int, str | None]:
        """End and reading of the longest token at `position`; one character copied when there is none."""
        end, spoken = position, None
        for token_class in self.classes:
            match = token_class.pattern.match(text, position)
            if match and match.end() > end and (said := token_class.say(match)) is not None:
                end, spoken = match.end(), said
        return (end, spoken) if spoken is not None else (position + 1, None)

    def _say(self, spoken: str, source: Spanned, start: int, end: int, builder: SpannedBuilder) -> None:
        if self.spaced and builder.last.isalnum():
            spoken = " " + spoken
        if self.spaced and source.text[end : end + 1].isalnum():
            spoken += " "
        if end - start <= LONGEST_WHOLE_TOKEN:
            builder.say(spoken, source.cover(start, end))
            return
        for index, char in enumerate(spoken):
            place = start + index * (end - start) // len(spoken)
            builder.say(char, source.cover(place, place + 1))


@dataclass(frozen=True, slots=True)
class Reader:
    """A class of tokens by name, for `<say-as>`: reads whole content or declines."""

    classes: Sequence[TokenClass]
    by_kind: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, kind: str, content: str) -> str | None:
        """Read `content` by the classes that `kind` stands for, None when none of them takes all of it."""
        for token_class in self.classes:
            if token_class.name in self.by_kind.get(kind, (kind,)) and (
                (match := token_class.pattern.fullmatch(content))
                and (said := token_class.say(match)) is not None
            ):
                return said
        return None
