"""What a judged recording looks like to every layer: spans, checks with advice, a grade."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a recording in seconds from its beginning, `start` <= `end`."""

    start: float
    end: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.start <= self.end:
            raise ValueError(f"want 0 <= start <= end, got {self.start}..{self.end}")

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.end - self.start


class Grade(StrEnum):
    """How good a voice the recording can make, best first."""

    STUDIO = "studio"
    GOOD = "good"
    OK = "ok"
    POOR = "poor"
    BAD = "bad"


class Status(StrEnum):
    """What a single check says."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence that says what to do, in each language of the product."""

    zh: str
    en: str
    ja: str


@dataclass(frozen=True, slots=True)
class Check:
    """One measured property: `value` in `unit` (None: not enough was heard to measure it), where, and what to do.

    `advice` is there exactly when `status` is not pass.
    """

    id: str
    value: float | None
    unit: str
    status: Status
    spans: tuple[Span, ...] = ()
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the recording that can serve as a voice's reference; `score` 0..100, higher is better."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The verdict on a recording of `seconds`.

    `score` is 0..100; `can_clone` says whether enrolment would take it; `net_speech_s` counts speech alone;
    `progress` 0..1 is how much of a good minute of speech is there; `best_segments` come best first.
    """

    grade: Grade
    score: float
    can_clone: bool
    seconds: float
    net_speech_s: float
    progress: float
    checks: tuple[Check, ...]
    best_segments: tuple[Segment, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON knows it; this shape is a contract."""
        return asdict(self)
