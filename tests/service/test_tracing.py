"""Spans of requests, speech and jobs, collected by a stand-in for OpenTelemetry's SDK; off, there are none."""

from dataclasses import replace

import pytest

from yinse.contracts.errors import NotFound
from yinse.service.tracing import Tracing, opentelemetry


class Collector:
    """What of a tracer is used."""

    def __init__(self):
        self.ended = []

    def start_span(self, name, attributes):
        return Collected(self, name, attributes)


class Collected:
    def __init__(self, collector, name, attributes):
        self.collector, self.name, self.attributes = collector, name, attributes

    def set_attributes(self, attributes):
        self.attributes |= attributes

    def end(self):
        self.collector.ended.append(self)


@pytest.fixture
def collector():
    return Collector()


@pytest.fixture
def ports(ports, collector):
    return replace(ports, tracing=Tracing(collector))


def test_requests_speech_and_jobs_are_spans_without_content(collector, ann, voices):
    voice = voices.ready(ann)
    ann.post("/v1/speech", json={"text": "秘密的话", "voice": voice, "format": "pcm"})
    spans = {span.name: span.attributes for span in collector.ended}
    assert set(spans) == {"request", "speech", "job"}
    assert (spans["request"]["route"], spans["request"]["status"]) == ("/v1/speech", 200)
    assert spans["speech"]["characters"] == 4
    assert spans["speech"]["seconds"] > spans["speech"]["first_audio_s"] > 0
    assert spans["job"]["kind"] == "enrol"
    assert "秘密" not in str([span.attributes for span in collector.ended])


def test_an_error_is_noted_by_its_code(collector):
    with pytest.raises(NotFound), Tracing(collector).span("work", {"number": 1}):
        raise NotFound("nobody's name")
    (span,) = collector.ended
    assert span.attributes == {"number": 1, "error": "not_found"}


def test_off_there_is_nothing(collector):
    with Tracing().span("work", {}) as span:
        span.set({"number": 1})
    assert collector.ended == []


def test_the_installed_library_gives_spans_that_go_nowhere_without_an_sdk():
    pytest.importorskip("opentelemetry.trace")
    with opentelemetry().span("work", {"number": 1}) as span:
        span.set({"done": True})
