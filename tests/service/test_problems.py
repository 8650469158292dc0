import importlib
import inspect

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from yinse.contracts import errors, refusals
from yinse.contracts.errors import YinseError
from yinse.contracts.refusals import Throttled
from yinse.service.problems import STATUS, problem_of


def every_error():
    for module in (errors, refusals):
        for _, kind in inspect.getmembers(importlib.import_module(module.__name__), inspect.isclass):
            if issubclass(kind, YinseError):
                yield kind


def test_every_error_of_the_house_has_its_own_status():
    assert set(every_error()) == set(STATUS)


@pytest.mark.parametrize("kind", sorted(set(every_error()), key=lambda kind: kind.__name__))
def test_every_error_reads_as_a_problem_document(kind):
    error = (
        kind("Do this instead.", retry_after=3) if issubclass(kind, Throttled) else kind("Do this instead.")
    )
    problem = problem_of(error)
    assert 400 <= problem.status < 600
    assert problem.detail == "Do this instead."
    assert problem.type == f"urn:yinse:problem:{problem.code}"


def test_codes_are_distinct():
    codes = [kind.code for kind in STATUS]
    assert len(set(codes)) == len(codes)


def test_an_unknown_route_and_method_are_problems_too(house):
    for method, path, status in (("GET", "/nowhere", 404), ("PATCH", "/v1/sessions", 405)):
        answer = house.client.request(method, path)
        assert answer.status_code == answer.json()["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_typo_names_itself_and_the_value_is_not_repeated(ann):
    body = {"name": "x", "scopes": ["speech"], "colour": "private words"}
    answer = ann.post("/v1/keys", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.colour"
    assert "private words" not in answer.text


def test_a_bug_is_a_problem_without_its_traceback_and_its_id_is_in_the_log(house, app, caplog):
    from typing import Annotated

    from yinse.service.access import public
    from yinse.service.context import Visit

    @app.get("/broken")
    async def broken(visit: Annotated[Visit, public()]) -> None:
        raise RuntimeError("the password is 1234")

    with caplog.at_level("ERROR"):
        answer = house.client.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "1234" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (logged,) = caplog.records
    assert logged.fields == {"request_id": answer.headers["x-request-id"], "route": "/broken"}
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "error", [OperationalError("SELECT 1", {}, Exception("database is locked")), PoolTimeout("none is free")]
)
def test_a_database_that_is_busy_or_away_is_to_be_asked_again(ann, monkeypatch, error):
    async def broken(*_):
        raise error

    monkeypatch.setattr("yinse.service.accounts.endpoints._me", broken)
    answer = ann.get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("key", ["members", "elements"])
def test_a_body_of_very_many_faults_is_told_of_a_few(house, ann, key):
    """Each would be a line of the answer: a request of 1 MiB had one of 70 MiB, and took twelve seconds."""
    if key == "members":
        answer = house.client.post("/v1/accounts", json={str(number): 0 for number in range(50_000)})
    else:
        answer = ann.post("/v1/keys", json={"name": "x", "scopes": [0] * 200_000})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert len(answer.content) < 10_000


def test_what_declares_or_turns_out_to_be_too_large_is_refused(house):
    large = b"x" * (1024 * 1024 + 1)
    declared = house.client.post("/v1/accounts", content=large)
    streamed = house.client.post("/v1/accounts", content=iter([large[: 1 << 19]] * 3))
    for answer in (declared, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
