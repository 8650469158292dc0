"""Around every request: an id, a limit on what is read, security headers, a metric and one log line.

The log line holds the route template, never the path or query: they may hold a name or a key.
"""

import asyncio
import logging
import re
import time
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinse.service.compat.elevenlabs import dialect
from yinse.service.ids import new_id
from yinse.service.metrics import Metrics
from yinse.service.options import LimitOptions
from yinse.service.tracing import Tracing

log = logging.getLogger("yinse.access")

BODY_LIMIT = "yinse.body_limit"
BODY_SECONDS = "yinse.body_seconds"
KEY = "yinse.key"
_KEY_PREFIX = re.compile(r"^/k/([A-Za-z0-9_-]{16,128})(/.*)$")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every answer says unless it says otherwise itself, as the studio's files do."""


class BodyTooLarge(HTTPException):
    """More was sent than this route reads."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"This request is larger than the {limit} bytes that are allowed here.")


class BodyTooSlow(HTTPException):
    """The body did not arrive in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            408, f"This request took longer than the {seconds:.0f} seconds that are allowed here."
        )


class Envelope:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, limits: LimitOptions, tracing: Tracing) -> None:
        self.app = app
        self.metrics, self.limits, self.tracing = metrics, limits, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request or WebSocket."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        scope["yinse.request_id"] = new_id("req")
        scope[BODY_LIMIT], scope[BODY_SECONDS] = self.limits.body_bytes, self.limits.body_seconds
        _take_key_from_path(scope)
        dialect.translate(scope)
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = scope["yinse.request_id"]
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with self.tracing.span("request", {"request": scope["yinse.request_id"]}) as span:
            try:
                await self.app(scope, _limited(scope, receive), sending)
            finally:
                route = getattr(scope.get("route"), "path", "unmatched")
                span.set({"method": _method(scope), "route": route, "status": status})
                self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = _method(scope)
        self.metrics.requests.labels(method, route, str(status)).inc()
        fields = {
            "request_id": scope["yinse.request_id"],
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "account": scope.get("yinse.account"),
        }
        log.info("request", extra={"fields": fields})


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "OTHER"


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Refuse at the first read what declares itself too large, at the byte that is too many, and what is late."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    total, complete, started = 0, False, asyncio.get_running_loop().time()

    async def receiving() -> Message:
        nonlocal total, complete
        limit, seconds = scope[BODY_LIMIT], scope[BODY_SECONDS]
        if declared.isdigit() and int(declared) > limit:
            raise BodyTooLarge(limit)
        if complete:  # what comes now is only that the client left
            return await receive()
        try:
            async with asyncio.timeout_at(started + seconds):
                message = await receive()
        except TimeoutError as error:
            raise BodyTooSlow(seconds) from error
        complete = not message.get("more_body", False)
        total += len(message.get("body", b""))
        if total > limit:
            raise BodyTooLarge(limit)
        return message

    return receiving


def _take_key_from_path(scope: Scope) -> None:
    """`/k/<key>/tts` is `/tts` with a key: some clients can send nothing but a base address."""
    if found := _KEY_PREFIX.match(scope["path"]):
        scope[KEY], scope["path"] = found.groups()
        scope["raw_path"] = scope["path"].encode()
    elif key := parse_qs(scope["query_string"].decode("latin-1")).get("key"):
        scope[KEY] = key[0]
