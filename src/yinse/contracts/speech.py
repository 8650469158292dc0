"""One synthesis request and the closed union of events that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from yinse.contracts.storage import KeyChain, ObjectRef


class Language(StrEnum):
    """What a text is read as; `auto` finds it by script and tags."""

    AUTO = "auto"
    ZH = "zh"
    EN = "en"
    JA = "ja"


PRESET: Final = "preset"
"""The kind of a prompt that ships with the weights; its `object_id` is the preset's name, and no key seals it."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A voice that ships with the weights: its name, the languages of its recordings, their source, their grade."""

    name: str
    languages: tuple[str, ...]
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class SealedVoice:
    """A voice as it travels: references to ciphertext and wrapped keys, never material.

    `objects` maps a role (`prompt`, `adapter`) to the row that holds it; a prompt of the kind `PRESET` lies with
    the weights instead, and `keys` then seal what is spoken. `epoch` grows whenever cached
    plaintext must die, so (`voice_id`, `epoch`) is the key of every cache.
    """

    voice_id: str
    epoch: int
    keys: KeyChain
    objects: Mapping[str, ObjectRef]


@dataclass(frozen=True, slots=True)
class SpeechControls:
    """How to speak. None means the engine's own default."""

    speed: float = 1.0
    seed: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float | None = None
    sample_steps: int | None = None
    stability: float | None = None
    similarity: float | None = None
    style: float | None = None


@dataclass(frozen=True, slots=True)
class LexiconRule:
    """A pronunciation: `written` is spoken as the text `alias`, or as `phonemes`.

    Phonemes are written as its language is: pinyin with tones (`hang2`), ARPAbet (`IH1`), or kana.
    """

    written: str
    alias: str | None = None
    phonemes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SynthesisRequest:
    """Speak `text` in `voice`. Text never shows in a repr: it is personal data.

    A `thorough` request may be checked and drawn again before any of it leaves; others leave at once. A
    `patient` one is listened to later: everybody who listens now goes first.
    """

    request_id: str
    text: str = field(repr=False)
    voice: SealedVoice
    language: Language = Language.AUTO
    controls: SpeechControls = SpeechControls()
    lexicon: tuple[LexiconRule, ...] = field(default=(), repr=False)
    previous_text: str = field(default="", repr=False)
    next_text: str = field(default="", repr=False)
    thorough: bool = False
    patient: bool = False


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """The next piece of speech: mono signed 16-bit little-endian samples at `rate` Hz."""

    index: int
    pcm: bytes = field(repr=False)
    rate: int

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return len(self.pcm) / 2 / self.rate


@dataclass(frozen=True, slots=True)
class PhonemeTiming:
    """One phoneme: the text span [`text_start`, `text_end`) it came from, its seconds, its mouth shape."""

    symbol: str
    text_start: int
    text_end: int
    start: float
    end: float
    viseme: str = "sil"


@dataclass(frozen=True, slots=True)
class Timings:
    """When the phonemes of the audio sent so far, or about to be sent, are spoken."""

    phonemes: tuple[PhonemeTiming, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything was spoken. `seed` repeats it exactly; `score` (0..1) is the engine's own check."""

    seconds: float
    seed: int
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Speaking stopped; `code` and `message` follow `yinse.contracts.errors`."""

    code: str
    message: str


SpeechEvent: TypeAlias = AudioChunk | Timings | Finished | Failed
