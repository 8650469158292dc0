"""The user's own readings, per language, in the notation each language is written in."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.engine.text.directives import Directives, Override, Reading
from yinse.engine.text.notation import parse_reading, require_language
from yinse.engine.text.phoneme import Language
from yinse.engine.text.spanned import Spanned, SpannedBuilder


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Readings of written words. Matching is exact; for words in Latin letters without capitals, in any case.

    Build one with `Lexicon.of`; the longest entry wins where several match.
    """

    entries: Mapping[Language, Mapping[str, Reading]] = field(default_factory=dict)
    _patterns: Mapping[Language, re.Pattern[str]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        patterns = {language: _pattern(words) for language, words in self.entries.items() if words}
        object.__setattr__(self, "_patterns", patterns)

    @classmethod
    def of(cls, entries: Iterable[tuple[str, str, str]]) -> "Lexicon":
        """Build from rows of language, word and reading, such as `("zh", "行长", "hang2 zhang3")`."""
        collected: dict[Language, dict[str, Reading]] = {}
        for tag, word, spelled in entries:
            language = require_language(tag)
            if not (word := word.strip()):
                raise InvalidInput(f"A lexicon entry has a reading ({spelled!r}) but no word.")
            reading = parse_reading(spelled, language)
            if language == "zh" and isinstance(reading, tuple) and len(reading) != len(word):
                raise InvalidInput(
                    f"Lexicon entry {word!r} has {len(word)} characters but {len(reading)} syllables."
                )
            collected.setdefault(language, {})[word] = reading
        return cls(collected)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def apply(self, source: Spanned, language: Language, directives: Directives) -> Spanned:
        """Put a directive in the place of every listed word of `language`."""
        pattern = self._patterns.get(language)
        if pattern is None:
            return source
        builder = SpannedBuilder()
        position = 0
        for match in pattern.finditer(source.text):
            builder.copy(source, position, match.start())
            self._replace(source, match, language, directives, builder)
            position = match.end()
        builder.copy(source, position, len(source))
        return builder.build()

    def _replace(
        self,
        source: Spanned,
        match: re.Match[str],
        language: Language,
        directives: Directives,
        builder: SpannedBuilder,
    ) -> None:
        words = self.entries[language]
        reading = words.get(match.group()) or words.get(match.group().lower())
        if reading is None:
            builder.copy(source, match.start(), match.end())
        elif language == "zh" and isinstance(reading, tuple):
            for index in range(len(match.group())):
                place = match.start() + index
                override = Override(source.slice(place, place + 1), language, reading[index : index + 1])
                builder.say(directives.add(override), source.spans[place])
        else:
            override = Override(source.slice(match.start(), match.end()), language, reading)
            builder.say(directives.add(override), source.cover(match.start(), match.end()))


def _pattern(words: Mapping[str, Reading]) -> re.Pattern[str]:
    """One alternation, longest first; Latin words must stand alone."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(_source(word) for word in ordered))


def _source(word: str) -> str:
    source = re.escape(word)
    if word.isascii():
        before = r"(?<![A-Za-z0-9])" if word[0].isalnum() else ""
        after = r"(?![A-Za-z0-9])" if word[-1].isalnum() else ""
        source = f"{before}{source if word != word.lower() else f'(?i:{source})'}{after}"
    return source


def load_lexicon(path: Path) -> Lexicon:
    """Read a lexicon file by its suffix.

    * `.csv`: rows `language,word,reading`, a header row allowed.
    * `.json`, `.yaml`: `{"zh": {"行长": "hang2 zhang3"}, "en": {...}, "ja": {...}}`.

    Raises `NotFound`, and `InvalidInput` that names the row or the word.
    """
    if not path.is_file():
        raise NotFound(f"The lexicon {path} does not exist.")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The lexicon {path.name} is not UTF-8 text.") from error
    match path.suffix.lower():
        case ".csv":
            return Lexicon.of(_csv_rows(text, path))
        case ".json" | ".yaml" | ".yml":
            return Lexicon.of(_mapping_rows(_parse(text, path), path))
    raise InvalidInput(f"The lexicon {path.name} must be a .csv, .json or .yaml file.")


def _csv_rows(text: str, path: Path) -> Iterable[tuple[str, str, str]]:
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        if not row or row[0].startswith("#") or (number == 1 and row[0].strip() == "language"):
            continue
        if len(row) != 3:
            raise InvalidInput(f"{path.name}, row {number}: write language,word,reading.")
        yield row[0], row[1], row[2]


def _parse(text: str, path: Path) -> Any:
    try:
        if path.suffix.lower() == ".json":
            return json.loads(text)
        import yaml

        return yaml.safe_load(text)
    except ValueError as error:
        raise InvalidInput(f"{path.name} is not valid JSON: {error}.") from error
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path.name} is not valid YAML: {error}.") from error


def _mapping_rows(content: Any, path: Path) -> Iterable[tuple[str, str, str]]:
    if not isinstance(content, dict):
        raise InvalidInput(f'{path.name} must map languages to words: {{"zh": {{"行长": "hang2 zhang3"}}}}.')
    for language, words in content.items():
        if not isinstance(words, dict):
            raise InvalidInput(f"{path.name}: {language!r} must map words to readings.")
        for word, reading in words.items():
            if not isinstance(reading, str):
                raise InvalidInput(f"{path.name}: the reading of {word!r} must be text.")
            yield str(language), str(word), reading
