"""The text frontend: what the user wrote to utterances of phonemes, each tied to the characters it came from."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text import markup, speech
from yinse.engine.text.characters import script
from yinse.engine.text.directives import Directives
from yinse.engine.text.emoji import EmojiMode, read_emoji
from yinse.engine.text.inventory import is_spoken
from yinse.engine.text.lexicon import Lexicon
from yinse.engine.text.limits import split_units
from yinse.engine.text.marks import stronger
from yinse.engine.text.normalise import Normaliser
from yinse.engine.text.notation import require_language
from yinse.engine.text.phoneme import Language, Phoneme, Unit, Utterance
from yinse.engine.text.regions import find_regions, hanzi_languages
from yinse.engine.text.sentences import split_sentences
from yinse.engine.text.spanned import Span, Spanned
from yinse.engine.text.zh.resolver import PolyphoneResolver

MAX_PHONEMES: Final = 120
_WORD: Final = re.compile(r"[A-Za-z']+")


@dataclass(frozen=True, slots=True)
class TextFrontend:
    """Turns text into utterances; immutable, safe to share between threads.

    `lexicon` holds the user's readings, `max_phonemes` bounds an utterance, `emoji` drops emoji or reads their names,
    `polyphones` reads single hanzi in context where the dictionary has no word (None: by the house's rules).
    """

    lexicon: Lexicon = field(default_factory=Lexicon)
    max_phonemes: int = MAX_PHONEMES
    emoji: EmojiMode = "drop"
    polyphones: PolyphoneResolver | None = None

    def analyse(self, text: str, language: str = "auto") -> list[Utterance]:
        """Analyse `text`, in `language` (`zh`, `en`, `ja`) where it leaves a choice, or `auto`.

        The utterances come in order; their spans never overlap, and what lies between them is white space or control
        characters. Raises `InvalidInput` for an unknown language, malformed markup, a script that is not spoken here,
        and text with nothing to speak.
        """
        asked = None if language == "auto" else require_language(language)
        marked = markup.parse(text)
        _refuse_foreign(text, marked)
        sentences = _merge_silent(list(self._sentences(marked, asked)))
        if not sentences:
            raise InvalidInput(
                "There is nothing to speak in this text: it has no words, only marks, emoji or spaces."
            )
        return list(self._utterances(text, sentences))

    def _sentences(self, marked: markup.Marked, asked: Language | None) -> Iterator["_Sentence"]:
        bounds = list(split_sentences(marked.text.text))
        hanzi = hanzi_languages([marked.text.text[start:end] for start, end in bounds])
        before: Language | None = None
        for (start, end), ambiguous in zip(bounds, hanzi, strict=True):
            source = marked.text.slice(start, end)
            regions = find_regions(source.text, marked.forced[start:end], asked, ambiguous, before)
            shouting = _is_shouting(source.text)
            units: list[Unit] = []
            for language, first, last in regions:
                units += self._region(
                    source.slice(first, last), language, marked.directives, shouting=shouting
                )
            before = regions[-1][0] if source.text.strip() else before
            yield _Sentence(source.cover(0, len(source)), _merge_marks(units))

    def _region(
        self, source: Spanned, language: Language, directives: Directives, *, shouting: bool
    ) -> Iterator[Unit]:
        """Read one stretch of one language."""
        listed = self.lexicon.apply(source, language, directives) if self.lexicon else source
        named = read_emoji(listed, language) if self.emoji == "read" else listed
        spoken = _normaliser(language)(named, directives)
        return speech.units_of(spoken, language, directives, shouting=shouting, polyphones=self.polyphones)

    def _utterances(self, text: str, sentences: Sequence["_Sentence"]) -> Iterator[Utterance]:
        """Give every part the stretch of text from its first character up to the next part's."""
        parts: list[tuple[int, Sequence[Unit]]] = []
        for sentence in sentences:
            for index, units in enumerate(split_units(sentence.units, self.max_phonemes)):
                reached = max((unit.span[1] for unit in parts[-1][1]), default=0) if parts else 0
                parts.append((max(reached, units[0].span[0]) if index else sentence.span[0], units))
        starts = [0, *(_before_tags(text, start) for start, _ in parts[1:]), len(text)]
        for index, (_, units) in enumerate(parts):
            start, end = _trim(text, starts[index], max(starts[index], starts[index + 1]))
            yield Utterance(text[start:end], (start, end), tuple(units))


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span
    units: list[Unit]

    @property
    def speaks(self) -> bool:
        return any(is_spoken(phoneme.symbol) for unit in self.units for phoneme in unit.phonemes)


def _normaliser(language: Language) -> Normaliser:
    """The language's normaliser; its tables load with its first use."""
    match language:
        case "zh":
            from yinse.engine.text.zh.normalise import NORMALISER
        case "en":
            from yinse.engine.text.en.normalise import NORMALISER
        case "ja":
            from yinse.engine.text.ja.normalise import NORMALISER
    return NORMALISER


def _is_shouting(text: str) -> bool:
    """Whether English is written all in capitals, so that they do not mark initials."""
    if any(script(char) in ("han", "kana") for char in text):
        return False
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    return len(words) > 1 and all(word.isupper() for word in words)


def _refuse_foreign(original: str, marked: markup.Marked) -> None:
    """Letters of a script that no language here is written in are an error, not a silence."""
    for index, char in enumerate(marked.text.text):
        if char > "\u024f" and script(char) == "foreign":
            place = marked.text.spans[index][0]
            name = unicodedata.name(char, "UNKNOWN").split(" ")[0].title()
            raise InvalidInput(
                f"Character {place + 1} ({char!r}) is {name}, which cannot be spoken: "
                "only Chinese, English and Japanese can."
            )


def _merge_marks(units: Sequence[Unit]) -> list[Unit]:
    """Keep one mark of several in a row, the strongest, and none before the first sound."""
    merged: list[Unit] = []
    for unit in units:
        is_mark = unit.language is None and not unit.phonemes[0].is_break
        if not is_mark:
            merged.append(unit)
        elif merged and merged[-1].language is None and not merged[-1].phonemes[0].is_break:
            symbol = stronger(merged[-1].text, unit.text)
            span = (merged[-1].span[0], unit.span[1])
            merged[-1] = Unit(symbol, None, span, "", (Phoneme(symbol, None, span),))
        elif any(earlier.language for earlier in merged):
            merged.append(unit)
    return merged


def _merge_silent(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """Join a stretch with nothing to speak (a lone emoji, a dash) to the sentence before it, or after the first."""
    merged: list[_Sentence] = []
    pending: list[_Sentence] = []
    for sentence in sentences:
        if sentence.speaks:
            breaks = [unit for earlier in pending for unit in earlier.units]
            start = pending[0].span[0] if pending else sentence.span[0]
            merged.append(_Sentence((start, sentence.span[1]), breaks + sentence.units))
            pending = []
        elif merged:
            last = merged[-1]
            merged[-1] = _Sentence((last.span[0], sentence.span[1]), last.units + sentence.units)
        else:
            pending.append(sentence)
    return merged


def _before_tags(text: str, start: int) -> int:
    """Move a cut before the opening tags that stand right before it, so that they go with what they open."""
    while (
        match := re.search(r"<[a-z-]+(?:\s[^<>]*)?>\s*$", text[max(0, start - 200) : start])
    ) and not match.group().rstrip().endswith("/>"):
        start -= len(match.group())
    return start


def _trim(text: str, start: int, end: int) -> Span:
    """Leave white space and control characters at both ends out."""
    while start < end and not _visible(text[start]):
        start += 1
    while end > start and not _visible(text[end - 1]):
        end -= 1
    return start, end


def _visible(char: str) -> bool:
    return not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf", "Cn", "Co", "Cs")
