"""OpenJTalk behind one function: Japanese text to morphemes of phones with pitch, each with its characters.

Pitch is the Tokyo accent read off the full-context labels: a mora is high between its accent phrase's rise and its
nucleus, low elsewhere. The marks `[` (rise), `]` (fall) and `#` (border of accent phrases) follow Kurihara et al.,
"Prosodic features control by symbols as input of sequence-to-sequence acoustic modeling" (2021).
"""

import contextlib
import io
import re
import threading
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from types import ModuleType
from typing import Any, Final

from yinse.engine.text.directives import Kana
from yinse.engine.text.inventory import JA_VOWELS, SYMBOL_IDS
from yinse.engine.text.notation import count_morae

_MORAIC: Final = frozenset(JA_VOWELS)
_PHRASE_FINAL: Final = frozenset("a i u e o A I U E O N cl".split())
_LABEL: Final = re.compile(
    r"-(?P<phone>[^+]+)\+.*/A:(?P<a1>-?\d+|xx)\+(?P<a2>\d+|xx)\+(?P<a3>\d+|xx)/.*/F:(?P<f1>\d+|xx)_(?P<f2>\d+|xx)"
)
_SILENT: Final = frozenset({"pau", "sil", "sp", "unk"})
_PLACEHOLDERS: Final = ("猫", "ネコ", "田中", "りんご")
"""Nouns that stand in for a word whose reading is given, one of which MeCab keeps apart from its neighbours."""


@dataclass(frozen=True, slots=True)
class Phone:
    """An inventory symbol and the prosody mark after it (`[`, `]`, `#` or empty)."""

    symbol: str
    accent: str


@dataclass(frozen=True, slots=True)
class Morpheme:
    """Spoken form, characters [start, end) of the text, and phones; none for quotes and the like."""

    surface: str
    start: int
    end: int
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class _Mora:
    """What a label says of a phone: mora position and count in its accent phrase, and the phrase's nucleus."""

    phone: str
    position: int
    remaining: int
    length: int
    nucleus: int

    @property
    def is_high(self) -> bool:
        if self.nucleus == 1:
            return self.position == 1
        return self.position > 1 and (self.nucleus == 0 or self.position <= self.nucleus)


_thread = threading.local()
_preparing = threading.Lock()
"""Where stdout goes and which warnings are shown is the whole process's: threads that changed it at once would leave it changed."""


@cache
def _import() -> ModuleType:
    """Import pyopenjtalk once; its notice about an optional package goes to stdout and is dropped."""
    with contextlib.redirect_stdout(io.StringIO()):
        import pyopenjtalk
        import pyopenjtalk.yomi_model.nani_predict
    return pyopenjtalk


def _openjtalk() -> ModuleType:
    """The module, its per-thread tokenizer made without the deprecation warning that making it gives."""
    if not getattr(_thread, "ready", False):
        with _preparing, warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Dictionary\.create", DeprecationWarning)
            _import().utils.get_sudachi_tokenizer()
        _thread.ready = True
    return _import()


def morphemes(text: str) -> list[Morpheme]:
    """Read Japanese text; marks and characters that cannot be read have no phones."""
    features, morphs = _openjtalk().run_frontend_detailed(text, predict_nani=False)
    return _to_morphemes(features, morphs, text)


def morphemes_with_readings(parts: Sequence[str | Kana]) -> list[Morpheme]:
    """As `morphemes`, for text in which some words have a given reading; each such word counts as one character."""
    for placeholder in _PLACEHOLDERS:
        text = "".join(part if isinstance(part, str) else placeholder for part in parts)
        readings = [part for part in parts if isinstance(part, Kana)]
        if text.count(placeholder) == len(readings) and (
            analysed := _substitute(text, placeholder, readings)
        ):
            return _narrow(analysed, parts, len(placeholder))
    return _read_apart(parts)


def _read_apart(parts: Sequence[str | Kana]) -> list[Morpheme]:
    """Read the parts one by one: the given words do not join the accent phrases around them."""
    result: list[Morpheme] = []
    offset = 0
    for part in parts:
        if isinstance(part, str):
            found, length = morphemes(part), len(part)
        else:
            whole = _substitute(_PLACEHOLDERS[0], _PLACEHOLDERS[0], [part]) or []
            found, length = [replace(morpheme, start=0, end=1) for morpheme in whole], 1
        result += [replace(item, start=item.start + offset, end=item.end + offset) for item in found]
        offset += length
    return result


def _substitute(text: str, placeholder: str, readings: Sequence[Kana]) -> list[Morpheme] | None:
    """Analyse `text` with the given readings in the placeholders' place; None when one does not stand alone."""
    openjtalk = _openjtalk()
    features, morphs = openjtalk.run_mecab_detailed(text)
    places = [index for index, feature in enumerate(features) if feature.split(",")[0] == placeholder]
    if len(places) != len(readings):
        return None
    for place, reading in zip(places, readings, strict=True):
        features[place] = _feature(placeholder, reading)
    nodes = openjtalk.run_njd_from_mecab(features)
    given = [node for node in nodes if node["string"] == placeholder]
    for node in given:
        node["is_reading_protected"] = True
    processed = openjtalk.apply_postprocessing(text, nodes, predict_nani=False)
    return _to_morphemes(processed, morphs, text)


def _feature(surface: str, reading: Kana) -> str:
    """A MeCab feature line of a proper noun."""
    accent = f"{reading.nucleus}/{count_morae(reading.katakana)}"
    return f"{surface},名詞,固有名詞,一般,*,*,*,{surface},{reading.katakana},{reading.katakana},{accent},C1"


def _narrow(analysed: list[Morpheme], parts: Sequence[str | Kana], width: int) -> list[Morpheme]:
    """Map positions in the text with placeholders back to positions where a given word is one character."""
    places: list[int] = []
    place = 0
    for part in parts:
        if isinstance(part, str):
            places += range(place, place + len(part))
            place += len(part)
        else:
            places += [place] * width
            place += 1
    return [replace(item, start=places[item.start], end=places[item.end - 1] + 1) for item in analysed]


def _to_morphemes(features: list[Any], morphs: list[Any], text: str) -> list[Morpheme]:
    openjtalk = _openjtalk()
    phones = iter(_phones(openjtalk.make_label(features)))
    result: list[Morpheme] = []
    for entry in openjtalk.make_phoneme_mapping(features, morphs=morphs, caller_text=text):
        start, end = entry["char_span"]
        if start == end:
            start, end = (result[-1].start, result[-1].end) if result else (0, len(text))
        sounds = tuple(next(phones) for phone in entry["phonemes"] if phone not in _SILENT)
        result.append(Morpheme(unicodedata.normalize("NFKC", entry["surface"]), start, end, sounds))
    return result


def _phones(labels: Sequence[str]) -> list[Phone]:
    moras = [_mora(label) for label in labels]
    followed = zip_longest(moras, moras[1:])
    return [Phone(_symbol(mora), _accent(mora, after)) for mora, after in followed if mora is not None]


def _mora(label: str) -> _Mora | None:
    match = _LABEL.search(label)
    if match is None or match["phone"] in _SILENT:
        return None
    return _Mora(match["phone"], int(match["a2"]), int(match["a3"]), int(match["f1"]), int(match["f2"]))


def _symbol(mora: _Mora) -> str:
    symbol = f"ja/{mora.phone}{int(mora.is_high)}" if mora.phone in _MORAIC else f"ja/{mora.phone}"
    if symbol not in SYMBOL_IDS:
        raise ValueError(f"OpenJTalk phone {mora.phone!r} is not in the inventory")
    return symbol


def _accent(mora: _Mora, after: _Mora | None) -> str:
    if after is None:
        return ""
    if mora.remaining == 1 and after.position == 1 and mora.phone in _PHRASE_FINAL:
        return "#"
    if mora.position == mora.nucleus and after.position == mora.position + 1 and mora.position != mora.length:
        return "]"
    return "[" if mora.position == 1 and after.position == 2 else ""
