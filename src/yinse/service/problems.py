"""Errors to RFC 9457 problem documents, in one table. A test proves the table complete."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from itertools import islice
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, ValidationException, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from yinse.contracts import errors, refusals
from yinse.contracts.errors import InvalidInput, YinseError
from yinse.contracts.refusals import Conflict
from yinse.service.pages import refusal, wants_page

log = logging.getLogger(__name__)

STATUS: Mapping[type[YinseError], tuple[int, str]] = {
    YinseError: (500, "Internal error"),
    errors.InvalidInput: (422, "Invalid input"),
    errors.AudioUnreadable: (422, "Audio unreadable"),
    errors.RecordingRejected: (422, "Recording rejected"),
    errors.NotFound: (404, "Not found"),
    errors.AlreadyExists: (409, "Already exists"),
    errors.CorruptFile: (500, "Corrupt file"),
    errors.StorageFull: (507, "Storage full"),
    errors.SynthesisFailed: (502, "Synthesis failed"),
    refusals.Unauthenticated: (401, "Not authenticated"),
    refusals.PermissionDenied: (403, "Not allowed"),
    refusals.Conflict: (409, "Conflict"),
    refusals.ConsentRequired: (403, "Consent required"),
    refusals.TooLarge: (413, "Too large"),
    refusals.UnsupportedMedia: (415, "Unsupported media type"),
    refusals.Throttled: (429, "Too many requests"),
    refusals.QuotaExceeded: (429, "Quota exceeded"),
    refusals.AtCapacity: (503, "At capacity"),
    refusals.Outdated: (503, "Being made anew"),
    refusals.Unsealable: (410, "No longer readable"),
    refusals.InsecureConfiguration: (500, "Insecure configuration"),
    refusals.BackendFailed: (502, "Engine failed"),
}

_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    416: "no_such_part",
}

_AGAIN_SECONDS = 5
_MOST_FIELDS = 20
"""Fields that are named in one answer: a body may hold a hundred thousand wrong ones."""

Style = Callable[["Problem"], dict[str, Any]]
"""How one family of routes words a problem beside the standard members."""


class Problem(BaseModel):
    """RFC 9457: what went wrong, in one sentence, with a stable machine name."""

    type: str = Field(default="about:blank", description="URI of this kind of problem")
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    errors: list[dict[str, Any]] | None = Field(default=None, description="which fields, for invalid input")
    file: int | None = Field(default=None, description="which file of the form it is about, counted from 0")
    recording: str | None = Field(default=None, description="id of the recording that it is about")
    retry_after: int | None = Field(default=None, description="in how many seconds to come back")
    quota: refusals.Quota | None = Field(default=None, description="whose characters do not suffice")
    remaining: int | None = Field(default=None, description="characters that are left of them")

    @property
    def headers(self) -> dict[str, str]:
        """What belongs beside it."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def problem_of(error: YinseError) -> Problem:
    """Translate an error of the house."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            status, title = STATUS[kind]
            return Problem(
                type=f"urn:yinse:problem:{error.code}",
                title=title,
                status=status,
                detail=error.message,
                code=error.code,
                **_members(error),
            )
    raise TypeError(f"{type(error).__name__} is not an error of the house")


def _members(error: YinseError) -> dict[str, Any]:
    """What an error tells beside its sentence."""
    names = ("file", "recording", "retry_after", "quota", "remaining")
    return {name: getattr(error, name, None) for name in names}


def first_fault(error: ValidationError, whole: str) -> InvalidInput:
    """What is wrong with a message or a form, by the first field that is; never its value. `whole` names all of it."""
    first = error.errors(include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or whole
    return InvalidInput(f"{where}: {first['msg']}")


def install(app: FastAPI, styles: Mapping[str, Style]) -> None:
    """Answer every error of `app` with a problem document; `styles` add members by path prefix.

    Who opened an address in a browser, such as a link that has expired, gets a page instead.
    """

    def respond(request: Request, problem: Problem, further: Mapping[str, str] | None = None) -> Response:
        headers = {**problem.headers, **(further or {})}
        problem.request_id = request.scope.get("yinse.request_id")
        request.app.state.ports.metrics.refusals.labels(problem.code).inc()
        body = problem.model_dump(exclude_none=True)
        if wants_page(request):
            told = refusal(problem.status, problem.title, problem.detail, problem.request_id)
            told.headers.update(headers)
            return told
        path = request.scope["path"]
        for prefix, style in styles.items():
            if path == prefix or path.startswith(prefix + "/"):
                body |= style(problem)
        status = body["status"]
        return JSONResponse(body, status, headers, media_type="application/problem+json")

    async def domain(request: Request | WebSocket, error: Exception) -> Response | None:
        assert isinstance(error, YinseError)
        if isinstance(request, WebSocket):
            await _deny(request, problem_of(error), _headers(error))
            return None
        return respond(request, problem_of(error), _headers(error))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return respond(request, _invalid(error))

    async def invalid_socket(socket: WebSocket, error: Exception) -> None:
        assert isinstance(error, WebSocketRequestValidationError)
        await _deny(socket, _invalid(error), {})

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _HTTP_CODES.get(error.status_code, "http_error")
        problem = Problem(
            title=str(error.detail), status=error.status_code, detail=str(error.detail), code=code
        )
        return respond(request, problem, error.headers)

    async def unstorable(request: Request, error: Exception) -> Response:
        detail = "A value holds a character or a number that cannot be stored, such as U+0000."
        title, code = "Invalid input", "not_storable"
        return respond(request, Problem(title=title, status=422, detail=detail, code=code))

    async def overtaken(request: Request, error: Exception) -> Response:
        log.warning("a request was overtaken", extra={"fields": {"error": type(error.__cause__).__name__}})
        detail = (
            "Another request was first; look at what is there now, and send this again if it is still wanted."
        )
        return respond(request, Problem(title="Conflict", status=409, detail=detail, code=Conflict.code))

    async def unavailable(request: Request, error: Exception) -> Response:
        _report("the database does not answer", request, error)
        detail = "The database is busy or away; nothing was changed. Send this again in a moment."
        title, code = "Not available", "unavailable"
        problem = Problem(title=title, status=503, detail=detail, code=code, retry_after=_AGAIN_SECONDS)
        return respond(request, problem)

    async def unforeseen(request: Request, error: Exception) -> Response:
        _report("unforeseen error", request, error)
        detail = "Something broke on our side; the request id names it in the log."
        return respond(request, Problem(title="Internal error", status=500, detail=detail, code="error"))

    app.add_exception_handler(YinseError, domain)  # type: ignore[arg-type] # one for both kinds of scope
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(WebSocketRequestValidationError, invalid_socket)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(DataError, unstorable)
    app.add_exception_handler(IntegrityError, overtaken)
    app.add_exception_handler(OperationalError, unavailable)
    app.add_exception_handler(PoolTimeout, unavailable)
    app.add_middleware(Unforeseen, answer=unforeseen)


class Unforeseen:
    """Answers what nothing else does, inside the envelope: such answers have an id and its headers too.

    The framework's own place for this is outside of everything, and it raises the error again for the server to log.
    """

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; an error after the beginning of an answer breaks the connection, as it must."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http":
                raise
            if begun:
                _cut_off(Request(scope), error)
                raise
            response = await self.answer(Request(scope, receive), error)
            await response(scope, receive, send)


def _cut_off(request: Request, error: Exception) -> None:
    """Log why an answer ended in the middle; what the house raised after its beginning is no error of ours."""
    if isinstance(error.__cause__, YinseError):
        fields = {"code": error.__cause__.code, "request_id": request.scope.get("yinse.request_id")}
        log.info("an answer was cut off", extra={"fields": fields})
    else:
        _report("an answer broke off", request, error)


def _report(event: str, request: Request, error: Exception) -> None:
    """Log an error beside the id that its answer names."""
    route = getattr(request.scope.get("route"), "path", "unmatched")
    fields = {"request_id": request.scope.get("yinse.request_id"), "route": route}
    log.error(event, exc_info=error, extra={"fields": fields})


async def _deny(socket: WebSocket, problem: Problem, headers: Mapping[str, str]) -> None:
    """Refuse a socket before it is accepted, with a status where the server can send one."""
    socket.app.state.ports.metrics.refusals.labels(problem.code).inc()
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        body = problem.model_dump(exclude_none=True)
        headers = {**problem.headers, **headers}
        response = JSONResponse(body, problem.status, headers, media_type="application/problem+json")
        await socket.send_denial_response(response)
    else:
        await socket.close(1008, problem.code)


def _headers(error: YinseError) -> dict[str, str]:
    if isinstance(error, refusals.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {}


def _invalid(error: ValidationException) -> Problem:
    """Name the fields, never their values: a text in the wrong place is still personal."""
    fields = [
        {"field": ".".join(str(part) for part in entry["loc"]), "message": entry["msg"]}
        for entry in islice(error.errors(), _MOST_FIELDS)
    ]
    first = fields[0] if fields else {"field": "body", "message": "is not valid"}
    return Problem(
        type="urn:yinse:problem:invalid_input",
        title="Invalid input",
        status=422,
        detail=f"{first['field']}: {first['message']}",
        code="invalid_input",
        errors=fields,
    )
