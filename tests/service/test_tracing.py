"""Spans of requests, speech and jobs, collected by a stand-in for OpenTelemetry's SDK; off, there are none."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from yinse.contracts.errors import NotFound
from yinse.service.tracing import Tracing


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


def test_spans_leave_over_otlp_as_the_standard_variables_say():
    """In a process of its own: OpenTelemetry keeps its provider for good."""
    pytest.importorskip("opentelemetry.sdk.trace")
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    received = []

    class Collecting(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collecting) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        program = (
            "from yinse.service.tracing import opentelemetry as t\nwith t().span('work', {'number': 1}): pass"
        )
        address = f"http://127.0.0.1:{receiver.server_address[1]}"
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **settings}
        subprocess.run([sys.executable, "-c", program], check=True, env=environment, timeout=120)
        receiver.shutdown()
    ((path, body),) = received
    assert path == "/v1/traces"
    assert b"yinse" in body
    assert b"work" in body
