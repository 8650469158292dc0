"""What enrolment, consent checks and adaptation ask of the engine, and what it answers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from yinse.contracts.speech import Failed, SealedVoice
from yinse.contracts.storage import ObjectRef

Report: TypeAlias = Mapping[str, Any]
"""A quality report as plain JSON: grade, score, net_speech_s, checks, best_segments.

That of an enrolment is the best recording's, with `recordings`: every recording's own, in their order.
"""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """Words that a recording says between two seconds of it, more or less."""

    text: str = field(repr=False)
    start: float = 0.0
    end: float = math.inf


Words: TypeAlias = tuple[ReadLine, ...]
"""What a recording says, as far as that is known: in order, with gaps where nobody knows."""


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """Make a voice of sealed recordings; write the sealed prompt to `prompt`.

    `words` says what the recordings say, one entry for each, or is empty.
    """

    voice: SealedVoice
    recordings: tuple[ObjectRef, ...]
    prompt: ObjectRef
    words: tuple[Words, ...] = field(default=(), repr=False)


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

    The phrase is its fixed words, `lead`, and behind them `nonce`: words that were drawn at random from `pool`,
    which must be right by themselves. A sentence without random words has no nonce.
    """

    voice: SealedVoice
    recording: ObjectRef
    samples: tuple[ObjectRef, ...]
    phrase: str = field(repr=False)
    language: str
    lead: str = field(repr=False)
    nonce: tuple[str, ...] = field(default=(), repr=False)
    pool: tuple[str, ...] = field(default=(), repr=False)


class ConsentDoubt(StrEnum):
    """Why a spoken consent does not hold."""

    LENGTH = "length"
    SENTENCE = "sentence"
    RANDOM_WORDS = "random_words"
    SPEAKER = "speaker"

    @property
    def words(self) -> str:
        """The doubt as a sentence."""
        return _DOUBTS[self]


_DOUBTS: Final = {
    ConsentDoubt.LENGTH: "The recording holds too little or too much: record the sentence and nothing else.",
    ConsentDoubt.SENTENCE: "The sentence that was read is not the one that was asked for.",
    ConsentDoubt.RANDOM_WORDS: "The random words were not read as they were given.",
    ConsentDoubt.SPEAKER: "The consent and the recordings are not in the same voice.",
}


@dataclass(frozen=True, slots=True)
class ConsentMatch:
    """The evidence.

    `edit_distance` 0..1 of what was recognised freely from the phrase, speaker `similarity` -1..1, and `chance`
    0..1: the largest share of other words that would have fitted the recording as well, over all parts.
    """

    accepted: bool
    edit_distance: float
    similarity: float
    doubts: tuple[ConsentDoubt, ...] = ()
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class ReferenceRequest:
    """Speak `texts` with every stretch that may serve as the voice's reference; write the best prompt to `prompt`."""

    voice: SealedVoice
    texts: tuple[str, ...] = field(repr=False)
    prompt: ObjectRef


@dataclass(frozen=True, slots=True)
class Reselected:
    """Which reference is best; `improved` is false when it is the one in use, and nothing was written.

    `before` and `after` (0..1) say how clear and how like the voice the texts were; `size` is the ciphertext's.
    """

    improved: bool
    before: float
    after: float
    size: int


ADAPT_STEPS: Final = 200
"""Most steps of a fine-tuning: from here on the held-back slices gain less than a hundredth every 25."""


@dataclass(frozen=True, slots=True)
class AdaptRequest:
    """Fine-tune on a voice's recordings, which say `words`; the sealed adapter goes to `adapter`."""

    voice: SealedVoice
    recordings: tuple[ObjectRef, ...]
    adapter: ObjectRef
    steps: int
    words: tuple[Words, ...] = field(default=(), repr=False)


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
