"""OpenTelemetry spans, for houses that collect them: ids, numbers and codes, never content.

Behind `tracing` in the options; where spans go is the business of OpenTelemetry's own variables.
"""

import os
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
    """Spans over OTLP, as OpenTelemetry's own variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`, ...).

    Where the process was instrumented from outside already, spans go where that says. Raises `InsecureConfiguration`
    where the packages are not installed.
    """
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        message = (
            "Tracing is switched on but OpenTelemetry is not installed; where Yinse's source lies: "
            "pip install -e '.[telemetry]' -c constraints.txt"
        )
        raise InsecureConfiguration(message, code="telemetry_missing") from error
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        named = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "yinse")})
        provider = TracerProvider(resource=named)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
    return Tracing(trace.get_tracer("yinse"))
