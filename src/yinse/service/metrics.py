"""Prometheus metrics. Labels are few and bounded; none holds an account or a voice."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_LATENCY = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0)


class Metrics:
    """One registry per application, so that tests do not share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "yinse_http_requests_total",
            "Requests by route template and status",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.first_audio = Histogram(
            "yinse_first_audio_seconds",
            "From request to first audio bytes; hot when the voice was in use before",
            ("hot",),
            buckets=_LATENCY,
            registry=self.registry,
        )
        self.spoken = Counter(
            "yinse_spoken_seconds_total",
            "Seconds of audio spoken, jobs included",
            registry=self.registry,
        )
        self.streams = Gauge("yinse_streams", "Streams open now", registry=self.registry)
        self.refusals = Counter(
            "yinse_refusals_total",
            "Requests and sockets refused, by problem code",
            ("code",),
            registry=self.registry,
        )
        self.broken = Counter(
            "yinse_speech_broken_total",
            "Utterances that ended after their first sound and before their last, by problem code",
            ("code",),
            registry=self.registry,
        )
        self.jobs = Counter(
            "yinse_jobs_total", "Jobs ended, by kind and state", ("kind", "state"), registry=self.registry
        )
        self.queue = Gauge("yinse_queue_jobs", "Jobs by state", ("state",), registry=self.registry)
        self.engine = Gauge(
            "yinse_engine",
            "What the engine says of itself (cache bytes, slots)",
            ("name",),
            registry=self.registry,
        )

    def page(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)
