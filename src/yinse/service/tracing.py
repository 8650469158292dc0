"""OpenTelemetry spans, for houses that collect them: ids, numbers and codes, never content.

Behind `tracing` in the options; where spans go is the business of OpenTelemetry's own settings and SDK.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from yinse.contracts.errors import YinseError
from yinse.contracts.refusals import InsecureConfiguration

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

Value = str | bool | int | float


class Span:
    """One piece of work; attributes may be added until it ends."""

    def set(self, attributes: Mapping[str, Value]) -> None:
        """Add attributes."""


class Tracing:
    """Makes spans, or does nothing at no cost."""

    def __init__(self, tracer: "Tracer | None" = None) -> None:
        self._tracer = tracer

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, Value]) -> Iterator[Span]:
        """Time the block. An error of the house is noted by its code, any other by its type alone.

        The span is not made current: blocks may be generators, which end in other contexts than they began in.
        """
        if self._tracer is None:
            yield Span()
            return
        span = self._tracer.start_span(name, attributes=dict(attributes))
        noted = _Noted()
        try:
            yield noted
        except Exception as error:
            noted.set({"error": error.code if isinstance(error, YinseError) else type(error).__name__})
            raise
        finally:
            span.set_attributes(noted.attributes)
            span.end()


class _Noted(Span):
    def __init__(self) -> None:
        self.attributes: dict[str, Value] = {}

    def set(self, attributes: Mapping[str, Value]) -> None:
        self.attributes |= attributes


def opentelemetry() -> Tracing:
    """Spans through the installed OpenTelemetry. Raises `InsecureConfiguration` where it is not installed."""
    try:
        from opentelemetry import trace
    except ImportError as error:
        message = (
            "Tracing is switched on but opentelemetry-api is not installed: pip install 'yinse[telemetry]'."
        )
        raise InsecureConfiguration(message, code="telemetry_missing") from error
    return Tracing(trace.get_tracer("yinse"))
