"""What a measure says: a value and where it comes from."""

from dataclasses import dataclass

from yinse.contracts.quality import Span


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value, None where too little was heard, and the places it comes from."""

    value: float | None
    spans: tuple[Span, ...] = ()


UNHEARD = Reading(None)
"""Too little was heard to measure anything."""
