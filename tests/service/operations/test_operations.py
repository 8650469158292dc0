from dataclasses import replace

import pytest
from starlette.testclient import WebSocketDenialResponse

from yinse.service.db import Database
from yinse.service.options import LimitOptions
from yinse.service.principal import Role


def test_health_needs_no_key(house):
    assert house.client.get("/healthz").json() == {"status": "ok"}


def test_readiness_names_what_is_not_ready(house):
    assert house.client.get("/readyz").json()["ready"]
    house.ports.speech._slots = 0
    house.ports.live.closing.set()
    answer = house.client.get("/readyz")
    assert answer.status_code == 503
    checks = {"database": True, "keys": True, "engine": False, "accepting": False}
    assert answer.json()["checks"] == checks


@pytest.mark.parametrize("which", ["database", "keys"])
def test_a_database_that_does_not_answer_is_named_too(app, house, monkeypatch, which):
    lost, ports = Database("sqlite+aiosqlite:////nowhere/at/all.sqlite3"), house.ports
    if which == "keys":
        monkeypatch.setattr(ports.keys, "database", lost)
    else:
        monkeypatch.setattr(app.state, "ports", replace(ports, database=lost))
    answer = house.client.get("/readyz")
    monkeypatch.undo()
    assert answer.status_code == 503
    assert [name for name, good in answer.json()["checks"].items() if not good] == [which]


def test_metrics_count_requests_audio_and_the_queue_without_names(house, ann, voices):
    voice = voices.ready(ann)
    ann.post("/v1/speech", json={"text": "你好", "voice": voice, "format": "pcm"})
    ann.post("/v1/speech", json={"text": "你好", "voice": voice, "format": "pcm"})
    ann.get(f"/v1/voices/{voice}")
    ann.get("/nowhere/at/all")
    page = house.client.get("/metrics").text
    assert 'yinse_http_requests_total{method="GET",route="/v1/voices/{voice_id}",status="200"}' in page
    assert 'route="unmatched"' in page
    assert 'yinse_first_audio_seconds_count{hot="no"} 1.0' in page
    assert 'yinse_first_audio_seconds_count{hot="yes"} 1.0' in page
    assert 'yinse_queue_jobs{state="succeeded"} 1.0' in page
    assert 'yinse_engine{name="slots"} 32.0' in page
    assert voice not in page
    assert ann.account_id not in page


def test_a_queue_that_has_emptied_is_told_as_empty(house, ann, voices):
    voices.create(ann)
    assert 'yinse_queue_jobs{state="queued"} 1.0' in house.client.get("/metrics").text
    voices.work()
    assert 'yinse_queue_jobs{state="queued"} 0.0' in house.client.get("/metrics").text


def test_every_refusal_is_counted_by_its_code(house, ann, voices):
    ann.post("/v1/speech", json={"text": "你好", "voice": "nobody"})
    house.client.get("/v1/me")
    with pytest.raises(WebSocketDenialResponse), house.client.websocket_connect("/v1/speech/live"):
        pass
    page = house.client.get("/metrics").text
    assert 'yinse_refusals_total{code="not_found"} 1.0' in page
    assert 'yinse_refusals_total{code="unauthenticated"} 2.0' in page


class TestALimitOnStrangers:
    @pytest.fixture
    def limits(self):
        return LimitOptions(anonymous="3/minute")

    def test_probes_are_answered_however_often_they_come(self, house):
        answers = [house.client.get(path) for _ in range(5) for path in ("/healthz", "/readyz")]
        assert {answer.status_code for answer in answers} == {200}
        assert [house.client.get("/v1/capabilities").status_code for _ in range(4)][-1] == 429


def test_operators_alone_see_the_house(house, ann, voices):
    voices.ready(ann)
    assert ann.get("/v1/operator/overview").status_code == 403
    operator = house.caller("Op", role=Role.OPERATOR)
    seen = operator.get("/v1/operator/overview").json()
    assert (seen["accounts"], seen["voices"], seen["jobs"]) == (2, {"ready": 1}, {"succeeded": 1})
    assert operator.get("/v1/operator/audit").json()["intact"]


def test_a_draining_service_takes_no_new_speech(house, ann, voices):
    voice = voices.ready(ann)
    house.ports.live.closing.set()
    answer = ann.post("/v1/speech", json={"text": "你好", "voice": voice})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
