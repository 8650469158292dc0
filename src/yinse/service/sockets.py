"""WebSockets: permission in the signature too, messages as JSON, errors as problem documents."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from yinse.contracts.errors import InvalidInput, YinseError
from yinse.service.access import identify, ports_of
from yinse.service.accounts.authentication import still_valid
from yinse.service.context import Context
from yinse.service.ports import Ports
from yinse.service.principal import Principal, Scope
from yinse.service.problems import Style, first_fault, problem_of

_POLICY_VIOLATION = 1008
_MESSAGE_BYTES = 256 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who opened a socket. Each thing done over it has its own transaction, and asks anew whether they still may."""

    ports: Ports
    principal: Principal

    @asynccontextmanager
    async def context(self, *, write: bool = True) -> AsyncIterator[Context]:
        """One transaction of this caller. Raises `Unauthenticated` when key, session or account has ended meanwhile."""
        async with self.ports.database.transaction(write=write) as session:
            await still_valid(session, self.principal, self.ports.clock())
            yield Context(session, self.ports, self.principal)


class AllowSocket:
    """Depend on this to be opened by callers who hold `scope`."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, connection: HTTPConnection) -> AsyncIterator[Caller]:
        """Authenticate before the socket is accepted; it is one of the account's connections while it is open."""
        principal = await identify(connection)
        principal.require(self.scope)
        ports = ports_of(connection)
        with ports.throttle.hold("connections", principal.account_id, ports.options.limits.connections):
            yield Caller(ports, principal)


def allow_socket(scope: Scope) -> object:
    """Annotate a socket's caller: `caller: Annotated[Caller, allow_socket(Scope.SPEECH)]`."""
    return Depends(AllowSocket(scope))


@asynccontextmanager
async def accepted(socket: WebSocket, style: Style | None = None) -> AsyncIterator[None]:
    """Accept, and close with a problem document when something of the house is raised; `style` adds members to it."""
    await socket.accept()
    try:
        yield
    except WebSocketDisconnect:
        return
    except YinseError as error:
        with suppress(WebSocketDisconnect):  # whoever it was told to may be gone
            await refuse(socket, error, style)
    else:
        await close(socket)


async def refuse(socket: WebSocket, error: YinseError, style: Style | None = None) -> None:
    """Say why, then close."""
    socket.app.state.ports.metrics.refusals.labels(error.code).inc()
    if socket.application_state is WebSocketState.CONNECTED:
        problem = problem_of(error)
        more = style(problem) if style else {}
        await send(socket, more | {"type": "error", "problem": problem.model_dump(exclude_none=True)})
        await socket.close(_POLICY_VIOLATION, error.code)


async def receive_text(socket: WebSocket) -> str:
    """The next message. Raises `InvalidInput` for a binary one."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"], message.get("reason"))
    text = message.get("text")
    if text is None:
        raise InvalidInput("Messages are JSON text here, not binary.")
    return str(text)


async def close(socket: WebSocket) -> None:
    """Close, unless the other side has."""
    if WebSocketState.DISCONNECTED not in (socket.application_state, socket.client_state):
        await socket.close()


async def send(socket: WebSocket, message: dict[str, Any]) -> None:
    """Send one JSON message."""
    await socket.send_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


def parsed(kind: TypeAdapter[T], text: str) -> T:
    """Read one JSON message strictly. Raises `InvalidInput` that names the field, never its value."""
    if len(text) > _MESSAGE_BYTES:
        raise InvalidInput("This message is too long.", code="too_large")
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        raise first_fault(error, "message") from error
