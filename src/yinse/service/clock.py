"""Time as a port, so that tests can make a year pass."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, with its zone."""
    return datetime.now(UTC)
