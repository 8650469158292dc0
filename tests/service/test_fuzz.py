"""Schemathesis on the OpenAPI document: whatever is sent to any route, the server does not break."""

import os

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

from service.test_permissions import Belongings

EXAMPLES = int(os.environ.get("YINSE_FUZZ_EXAMPLES", "4"))
"""Of each operation; a few in every run, many when asked for."""
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


class Fuzzer:
    """Sends what is generated from the document; every second time with ids of things that the caller has.

    Broken is what ends in our own error, is refused without a problem document, or succeeds in a way that is not told.
    """

    def __init__(self, house, caller, ids):
        self.house, self.caller, self.ids = house, caller, ids
        self.tried, self.broken = 0, []

    def attempt(self, case):
        self.tried += 1
        if self.tried % 2 and case.method.upper() != "DELETE":
            case.path_parameters.update((n, i) for n, i in self.ids.items() if n in case.path_parameters)
        sent = arguments_of(case)
        sent["headers"]["Authorization"] = f"Bearer {self.caller.key}"
        answer = self.house.client.request(**sent)
        problem = answer.headers["content-type"].startswith("application/problem+json")
        told = self.document["paths"][case.path][case.method.lower()]["responses"]
        untold = answer.status_code < 400 and str(answer.status_code) not in told
        if answer.status_code >= 500 or untold or (answer.status_code >= 400 and not problem):
            self.broken.append((case.method, case.path, answer.status_code, answer.text[:300]))

    def run(self, app, examples):
        """Every operation but the one that ends the account."""
        self.document = app.openapi()
        for result in schemathesis.openapi.from_dict(self.document).get_all_operations():
            operation = result.ok()
            if (operation.method.upper(), operation.path) == ("DELETE", "/v1/me"):
                continue
            settings(
                max_examples=examples,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(seed(20261123)(given(case=operation.as_strategy())(self.attempt)))()


def test_no_generated_request_breaks_the_server(house, app, voices):
    caller = house.caller()
    fuzzer = Fuzzer(house, caller, Belongings(caller, voices).ids)
    fuzzer.run(app, EXAMPLES)
    assert fuzzer.broken == []
    assert fuzzer.tried > 200
