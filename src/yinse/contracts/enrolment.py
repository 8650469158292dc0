"""What enrolment, consent checks and adaptation ask of the engine, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from yinse.contracts.speech import Failed, SealedVoice
from yinse.contracts.storage import ObjectRef

Report: TypeAlias = Mapping[str, Any]
"""A quality report as plain JSON: grade, score, net_speech_s, checks, best_segments."""


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """Make a voice of sealed recordings; write the sealed prompt to `prompt`."""

    voice: SealedVoice
    recordings: tuple[ObjectRef, ...]
    prompt: ObjectRef
    transcripts: tuple[str | None, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The recordings make a voice; its prompt lies sealed at `prompt` (`size` bytes of ciphertext)."""

    prompt: ObjectRef
    size: int
    report: Report


@dataclass(frozen=True, slots=True)
class Rejected:
    """The recordings cannot make a voice; the report carries the reasons and advice."""

    reason: str
    report: Report


Examination: TypeAlias = Accepted | Rejected


@dataclass(frozen=True, slots=True)
class ConsentCheck:
    """Does `recording` say `phrase`, in the voice that speaks `samples`?

    `nonce` is the part of the phrase that was drawn at random; it must be right by itself.
    """

    voice: SealedVoice
    recording: ObjectRef
    samples: tuple[ObjectRef, ...]
    phrase: str = field(repr=False)
    language: str
    nonce: str = field(default="", repr=False)


class ConsentDoubt(StrEnum):
    """Why a spoken consent does not hold."""

    SENTENCE = "sentence"
    RANDOM_WORDS = "random_words"
    SPEAKER = "speaker"

    @property
    def words(self) -> str:
        """The doubt as a sentence."""
        return _DOUBTS[self]


_DOUBTS: Final = {
    ConsentDoubt.SENTENCE: "The sentence that was read is not the one that was asked for.",
    ConsentDoubt.RANDOM_WORDS: "The random words were not read as they were given.",
    ConsentDoubt.SPEAKER: "The consent and the recordings are not in the same voice.",
}


@dataclass(frozen=True, slots=True)
class ConsentMatch:
    """The evidence: `edit_distance` 0..1 of what was said from the phrase, speaker `similarity` -1..1."""

    accepted: bool
    edit_distance: float
    similarity: float
    doubts: tuple[ConsentDoubt, ...] = ()


@dataclass(frozen=True, slots=True)
class AdaptRequest:
    """Fine-tune on a voice's recordings; the sealed adapter goes to `adapter`."""

    voice: SealedVoice
    recordings: tuple[ObjectRef, ...]
    adapter: ObjectRef
    steps: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long task is, 0..1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Adapted:
    """Adaptation ended; `improved` is false when the held-back slices did not get better.

    `before` and `after` are the likeness on held-back slices, `size` the adapter's ciphertext in bytes.
    """

    improved: bool
    before: float
    after: float
    size: int


TrainingEvent: TypeAlias = Progress | Adapted | Failed
