"""Readings as people write them: pinyin, ARPAbet and kana."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.directives import Kana, Reading
from yinse.engine.text.inventory import SYMBOL_IDS
from yinse.engine.text.phoneme import Language
from yinse.engine.text.zh.syllable import Syllable, number_tone, parse

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en", "ja")
NOTATIONS: Final = {
    "zh": "numbered pinyin such as yin2 hang2",
    "en": "ARPAbet such as N Y UW1",
    "ja": "kana such as ハ'シ",
}
_ALPHABETS: Final[dict[str, Language]] = {"pinyin": "zh", "arpabet": "en", "kana": "ja"}
_PRIMARY: Final[dict[str, Language]] = {"zh": "zh", "cmn": "zh", "en": "en", "ja": "ja", "jp": "ja"}
_DOWNSTEP: Final = re.compile("['＼↓ꜜ]")
_SMALL_KANA: Final = frozenset("ァィゥェォャュョヮ")
_KATAKANA: Final = re.compile("[ァ-ヶー]+")
_KANA_START: Final = re.compile("[ぁ-ゖァ-ヶ]")


def known_language(tag: str) -> Language | None:
    """Map a language tag (`ja`, `en-US`, `cmn-Hans-CN`) to the language we speak, None when it is another."""
    return _PRIMARY.get(tag.strip().lower().replace("_", "-").split("-")[0])


def require_language(tag: str) -> Language:
    """As `known_language`, but raise `InvalidInput` with the list of those we know."""
    if (language := known_language(tag)) is None:
        raise InvalidInput(f"Unknown language {tag!r}: use one of {', '.join(LANGUAGES)}, or auto.")
    return language


def parse_reading(text: str, language: Language) -> Reading:
    """Parse a reading in the notation of `language`; raise `InvalidInput` that says what is expected."""
    parsers: dict[Language, Callable[[str], Reading | None]] = {"zh": _pinyin, "en": _arpabet, "ja": _kana}
    reading = parsers[language](text.strip())
    if not reading:
        raise InvalidInput(f"{text!r} is not a reading: write {NOTATIONS[language]}.")
    return reading


def guess_language(reading: str, alphabet: str | None) -> Language:
    """The language of a reading, from the named alphabet or from how it is written."""
    if alphabet is not None:
        if (named := _ALPHABETS.get(alphabet.strip().lower())) is None:
            raise InvalidInput(f"Unknown alphabet {alphabet!r}: use one of {', '.join(_ALPHABETS)}.")
        return named
    if _KANA_START.search(reading):
        return "ja"
    return "en" if re.search("[A-Z]", reading) else "zh"


def _pinyin(text: str) -> tuple[Syllable, ...]:
    spelled = re.findall(r"[^\s\d]+\d?", unicodedata.normalize("NFC", text.lower()))
    syllables = [
        parse(item) or (parse(number_tone(item)) if not item[-1].isdigit() else None) for item in spelled
    ]
    found = tuple(syllable for syllable in syllables if syllable is not None)
    return found if len(found) == len(syllables) else ()


def _arpabet(text: str) -> tuple[str, ...]:
    phones = tuple(text.upper().split())
    return phones if all(f"en/{phone}" in SYMBOL_IDS for phone in phones) else ()


def _kana(text: str) -> Kana | None:
    marked = unicodedata.normalize("NFKC", text.replace("＼", "'"))
    katakana = "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in marked)
    before, *after = _DOWNSTEP.split(katakana, maxsplit=1)
    plain = before + "".join(after)
    if not _KATAKANA.fullmatch(plain) or plain[0] in "ーァィゥェォャュョヮ":
        return None
    return Kana(plain, count_morae(before) if after else 0)


def count_morae(katakana: str) -> int:
    """Number of morae: small vowels and glides belong to the kana before them, ッ, ン and ー count."""
    return sum(char not in _SMALL_KANA for char in katakana)
