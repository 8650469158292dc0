"""Schemathesis on the OpenAPI document: whatever is sent to any route, the server does not break."""

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

EXAMPLES = 4
UNSAFE_HEADERS = {"content-length", "host", "transfer-encoding", "connection"}


def arguments_of(case):
    """What httpx sends for a generated case."""
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: str(value) for name, value in (kwargs.get("headers") or {}).items()}
    sent = {
        "method": kwargs["method"],
        "url": kwargs["url"],
        "params": kwargs.get("params"),
        "headers": {n: v for n, v in headers.items() if n.lower() not in UNSAFE_HEADERS and v.isascii()},
    }
    if "json" in kwargs:
        sent["json"] = kwargs["json"]
    if kwargs.get("files"):
        sent["files"] = [(name, part(value)) for name, value in listed(kwargs["files"])]
    data = kwargs.get("data")
    if isinstance(data, bytes | str):
        sent["content"] = data
    elif data is not None:
        sent["data"] = data
    return sent


def listed(files):
    return files.items() if isinstance(files, dict) else files


def part(value):
    """A file or field of a form; whatever was generated is sent as bytes."""
    filename, body = (value[0], value[1]) if isinstance(value, tuple) else (None, value)
    return filename, body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogatepass")


def test_no_generated_request_breaks_the_server(house, app, voices):
    caller = house.caller()
    voices.ready(caller)
    schema = schemathesis.openapi.from_dict(app.openapi())
    broken, tried = [], 0

    def attempt(case):
        nonlocal tried
        tried += 1
        sent = arguments_of(case)
        sent["headers"]["Authorization"] = f"Bearer {caller.key}"
        answer = house.client.request(**sent)
        problem = answer.headers["content-type"].startswith("application/problem+json")
        if answer.status_code >= 500 or (answer.status_code >= 400 and not problem):
            broken.append((case.method, case.path, answer.status_code, answer.text[:300]))

    for result in schema.get_all_operations():
        operation = result.ok()
        if (operation.method.upper(), operation.path) == ("DELETE", "/v1/me"):
            continue
        run = settings(
            max_examples=EXAMPLES,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(seed(20261123)(given(case=operation.as_strategy())(attempt)))
        run()
    assert broken == []
    assert tried > 200
