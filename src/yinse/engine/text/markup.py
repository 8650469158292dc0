"""Inline control in the text: `[zhang3]` after a hanzi, and a small part of SSML.

| written | asks for |
|---|---|
| `行[hang2]长[zhang3]`, `银行[yin2 hang2]` | these hanzi in this reading |
| `<break time="500ms"/>`, `<break strength="strong"/>` | a pause |
| `<sub alias="World Wide Web">WWW</sub>` | another text in its place |
| `<lang xml:lang="ja">東京</lang>` | this language |
| `<phoneme ph="ハ'シ">箸</phoneme>`, optional `alphabet="pinyin|arpabet|kana"` | this reading |
| `<say-as interpret-as="digits">2024</say-as>` | this class of token |
| `<speak> ... </speak>`, `<p>`, `<s>`, `<b>`, `<i>`, `<u>`, `<em>`, `<strong>`, `<span>` | nothing; they may wrap the text |
| `<br>` | a new line |

A `<` or `[` that begins none of these is ordinary text. What begins one and is malformed is `InvalidInput` that names
the place.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.characters import clean, is_han
from yinse.engine.text.directives import SAY_AS_KINDS, Break, Directives, Override, SayAs
from yinse.engine.text.notation import guess_language, known_language, parse_reading
from yinse.engine.text.phoneme import Language
from yinse.engine.text.spanned import Span, Spanned
from yinse.engine.text.zh.syllable import PINYIN_SHAPE
from yinse.engine.text.zh.syllable import parse as parse_syllable

LONGEST_BREAK: Final = 10.0
_NAMES: Final = "speak|break|sub|lang|phoneme|say-as"
_OPENS: Final = re.compile(rf"</?(?:{_NAMES})(?=[\s/>]|$)")
_TAG: Final = re.compile(
    rf"<(?P<close>/?)(?P<name>{_NAMES})(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>"
)
_ATTRIBUTE: Final = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_STRUCTURE: Final = re.compile(r"</?(?:[psbiu]|em|strong|span)>|<br ?/?>")
_UNSUPPORTED: Final = re.compile(
    r"</?(prosody|emphasis|voice|audio|mark|token|desc|lexicon|metadata)(?:\s[^<>]*)?/?>"
)
_PINYIN: Final = re.compile(r"\[([a-zü:]{1,7}[0-9](?: [a-zü:]{1,7}[0-9]){0,15})\]")
_TIME: Final = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|s)")
_STRENGTHS: Final = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_ALLOWED: Final[dict[str, frozenset[str]]] = {
    "speak": frozenset({"version", "xmlns", "xml:lang"}),
    "break": frozenset({"time", "strength"}),
    "sub": frozenset({"alias"}),
    "lang": frozenset({"xml:lang"}),
    "phoneme": frozenset({"ph", "alphabet"}),
    "say-as": frozenset({"interpret-as", "format", "detail"}),
}
_REQUIRED: Final = {"sub": "alias", "lang": "xml:lang", "phoneme": "ph", "say-as": "interpret-as"}


@dataclass(frozen=True, slots=True)
class Marked:
    """Text without markup, the language each character was given by a tag (or None), and the directives."""

    text: Spanned
    forced: tuple[Language | None, ...]
    directives: Directives


def parse(original: str) -> Marked:
    """Clean the user's text and take its inline control out."""
    return _Parser(original).run()


@dataclass(slots=True)
class _Parser:
    original: str
    source: Spanned = field(init=False)
    directives: Directives = field(default_factory=Directives)
    characters: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    forced: list[Language | None] = field(default_factory=list)
    open_tags: list[tuple[str, Language | None, int]] = field(default_factory=list)

    def run(self) -> Marked:
        self.source = clean(self.original)
        text, position = self.source.text, 0
        while position < len(text):
            if text[position] == "<" and (end := self._markup(position)) > position:
                position = end
            elif text[position] == "[" and (match := _PINYIN.match(text, position)):
                position = self._pinyin(match)
            else:
                self._emit(text[position], self.source.spans[position])
                position += 1
        if self.open_tags:
            name, _, start = self.open_tags[-1]
            raise self._error(start, f"<{name}> is never closed: add </{name}>")
        return Marked(
            Spanned("".join(self.characters), tuple(self.spans)), tuple(self.forced), self.directives
        )

    def _emit(self, char: str, span: Span) -> None:
        self.characters.append(char)
        self.spans.append(span)
        self.forced.append(self.open_tags[-1][1] if self.open_tags else None)

    def _error(self, position: int, message: str) -> InvalidInput:
        start = self.source.spans[position][0]
        line = self.original.count("\n", 0, start) + 1
        column = start - (self.original.rfind("\n", 0, start) + 1) + 1
        return InvalidInput(f"Line {line}, column {column}: {message}.")

    def _markup(self, position: int) -> int:
        """Read the tag at `position` and return where it ends; the same place when it is ordinary text."""
        if structure := _STRUCTURE.match(self.source.text, position):
            if structure.group().startswith("<br"):
                self._emit("\n", self.source.cover(position, structure.end()))
            return structure.end()
        if unknown := _UNSUPPORTED.match(self.source.text, position):
            known = _NAMES.replace("|", ", ")
            raise self._error(position, f"<{unknown[1]}> is not known here; use {known}")
        return self._tag(position) if _OPENS.match(self.source.text, position) else position

    def _tag(self, position: int) -> int:
        match = _TAG.match(self.source.text, position)
        if match is None:
            raise self._error(
                position, "this tag is malformed: write <name attribute=\"value\"> with a closing '>'"
            )
        name = match["name"]
        if match["close"]:
            return self._close(match)
        attributes = self._attributes(match)
        if name == "break":
            return self._break(match, attributes)
        if match["empty"]:
            raise self._error(position, f"<{name}/> has no content: write <{name} ...>text</{name}>")
        if name in ("speak", "lang"):
            self.open_tags.append((name, self._language(match, attributes), position))
            return match.end()
        return self._element(match, attributes)

    def _attributes(self, match: re.Match[str]) -> dict[str, str]:
        name = match["name"]
        attributes: dict[str, str] = {}
        for key, double, single in _ATTRIBUTE.findall(match["attributes"]):
            if key not in _ALLOWED[name]:
                allowed = ", ".join(sorted(_ALLOWED[name]))
                raise self._error(match.start(), f"<{name}> has no attribute {key!r}; it knows {allowed}")
            attributes[key] = unescape(double or single)
        if (required := _REQUIRED.get(name)) and not attributes.get(required, "").strip():
            raise self._error(match.start(), f'<{name}> needs {required}="..."')
        return attributes

    def _language(self, match: re.Match[str], attributes: dict[str, str]) -> Language | None:
        if "xml:lang" not in attributes:
            return self.open_tags[-1][1] if self.open_tags else None
        if (language := known_language(attributes["xml:lang"])) is None:
            raise self._error(match.start(), f"unknown language {attributes['xml:lang']!r}: use zh, en or ja")
        return language

    def _close(self, match: re.Match[str]) -> int:
        name = match["name"]
        if name == "break":
            raise self._error(match.start(), "</break> closes nothing: write <break .../>")
        if not self.open_tags or self.open_tags[-1][0] != name:
            raise self._error(match.start(), f"</{name}> closes nothing that is open here")
        self.open_tags.pop()
        return match.end()

    def _break(self, match: re.Match[str], attributes: dict[str, str]) -> int:
        end = match.end()
        if not match["empty"]:
            if not self.source.text.startswith("</break>", end):
                raise self._error(match.start(), "<break> must be empty: write <break .../>")
            end += len("</break>")
        self._emit(
            self.directives.add(Break(self._seconds(match, attributes))),
            self.source.cover(match.start(), end),
        )
        return end

    def _seconds(self, match: re.Match[str], attributes: dict[str, str]) -> float:
        if "time" in attributes:
            time = _TIME.fullmatch(attributes["time"].strip())
            seconds = float(time[1]) / (1000 if time[2] == "ms" else 1) if time else -1.0
            if not 0 <= seconds <= LONGEST_BREAK:
                raise self._error(
                    match.start(), f'a break time looks like "500ms" or "1.5s", {LONGEST_BREAK:g} s at most'
                )
            return seconds
        strength = attributes.get("strength", "medium")
        if strength not in _STRENGTHS:
            raise self._error(match.start(), f"a break strength is one of {', '.join(_STRENGTHS)}")
        return _STRENGTHS[strength]

    def _element(self, match: re.Match[str], attributes: dict[str, str]) -> int:
        """An element whose content is plain text: sub, phoneme, say-as."""
        name, start = match["name"], match.end()
        closing = f"</{name}>"
        end = self.source.text.find(closing, start)
        if end < 0:
            raise self._error(match.start(), f"<{name}> is never closed: add {closing}")
        if _OPENS.search(self.source.text, start, end):
            raise self._error(match.start(), f"<{name}> may hold plain text only")
        if not self.source.text[start:end].strip():
            raise self._error(match.start(), f"<{name}> has no content")
        self._replace(match, attributes, self.source.slice(start, end))
        return end + len(closing)

    def _replace(self, match: re.Match[str], attributes: dict[str, str], content: Spanned) -> None:
        span = content.cover(0, len(content))
        if match["name"] == "sub":
            for char in clean(attributes["alias"]).text:
                self._emit(char, span)
        elif match["name"] == "say-as":
            kind = attributes["interpret-as"]
            known = next((listed for listed in SAY_AS_KINDS if listed == kind), None)
            if known is None:
                raise self._error(
                    match.start(), f"cannot say as {kind!r}: use one of {', '.join(SAY_AS_KINDS)}"
                )
            self._emit(self.directives.add(SayAs(known, content)), span)
        else:
            self._emit(self.directives.add(self._phoneme(match, attributes, content)), span)

    def _phoneme(self, match: re.Match[str], attributes: dict[str, str], content: Spanned) -> Override:
        try:
            language = guess_language(attributes["ph"], attributes.get("alphabet"))
            return Override(content, language, parse_reading(attributes["ph"], language))
        except InvalidInput as error:
            raise self._error(match.start(), error.message.rstrip(".")) from error

    def _pinyin(self, match: re.Match[str]) -> int:
        """`[zhang3]`: give as many hanzi as there are syllables this reading; anything else is ordinary text."""
        spelled = match[1].split(" ")
        before = self.characters[-1] if self.characters else ""
        shaped = all(re.fullmatch(PINYIN_SHAPE, item) for item in spelled)
        if not (before and is_han(before) and shaped):
            self._emit("[", self.source.spans[match.start()])
            return match.start() + 1
        syllables = tuple(filter(None, map(parse_syllable, spelled)))
        if len(syllables) != len(spelled):
            raise self._error(match.start(), f"[{match[1]}] is not pinyin with tones 1 to 5")
        count = len(syllables)
        if len(self.characters) < count or not all(map(is_han, self.characters[-count:])):
            raise self._error(
                match.start(), f"[{match[1]}] has more syllables than there are hanzi before it"
            )
        surface = Spanned("".join(self.characters[-count:]), tuple(self.spans[-count:]))
        del self.characters[-count:], self.spans[-count:], self.forced[-count:]
        for index, syllable in enumerate(syllables):
            override = Override(surface.slice(index, index + 1), "zh", (syllable,))
            self._emit(self.directives.add(override), surface.spans[index])
        return match.end()
