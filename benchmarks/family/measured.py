"""One figure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One quantity: seconds or megabytes, and what they are for."""

    quantity: str
    unit: str
    value: float
    best: float
    processor: float = 0.0
    """The same by processor time; 0 where that means nothing."""
