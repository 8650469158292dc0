"""What the frontend returns: utterances of units of phonemes, each tied to the text it came from."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from yinse.engine.text.inventory import SILENCE, SYMBOL_IDS
from yinse.engine.text.spanned import Span

Language: TypeAlias = Literal["zh", "en", "ja"]


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One inventory symbol and the input characters it stands for.

    `accent` is the OpenJTalk prosody mark that follows a Japanese phoneme: `[` rise, `]` fall, `#` end of an accent
    phrase, else empty. A pause asked for by `<break>` is the symbol `<sp>` with its length in `seconds`.
    """

    symbol: str
    language: Language | None
    span: Span
    accent: str = ""
    seconds: float = 0.0

    @property
    def is_break(self) -> bool:
        """Whether this is a pause of a given length rather than a sound or a mark."""
        return self.symbol == SILENCE


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest written unit with a reading: a hanzi, an English word, a Japanese morpheme, a mark or a break.

    `text` is the spoken form (`二` for a written 2), `reading` its pronunciation in the language's own notation:
    numbered pinyin, ARPAbet, OpenJTalk phones; empty for marks and breaks.
    """

    text: str
    language: Language | None
    span: Span
    reading: str
    phonemes: tuple[Phoneme, ...]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence-like stretch that is spoken in one breath; `text` is the input's own `text[span[0]:span[1]]`."""

    text: str
    span: Span
    units: tuple[Unit, ...]

    @property
    def phonemes(self) -> tuple[Phoneme, ...]:
        """All phonemes in order."""
        return tuple(phoneme for unit in self.units for phoneme in unit.phonemes)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Inventory symbols in order."""
        return tuple(phoneme.symbol for phoneme in self.phonemes)

    @property
    def ids(self) -> tuple[int, ...]:
        """Inventory ids in order, as the models take them."""
        return tuple(SYMBOL_IDS[symbol] for symbol in self.symbols)

    @property
    def spoken(self) -> str:
        """The normalised text, the units' spoken forms joined (with spaces around English words)."""
        joined = "".join(f" {unit.text} " if unit.language == "en" else unit.text for unit in self.units)
        return re.sub(" +([,.?!…]?)", lambda match: match[1] or " ", joined).strip()

    @property
    def word2ph(self) -> tuple[int, ...]:
        """How many phonemes each unit has."""
        return tuple(len(unit.phonemes) for unit in self.units)
