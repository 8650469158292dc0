"""What a judged recording looks like to every layer: spans, checks with advice, a grade."""

from dataclasses import dataclass


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
