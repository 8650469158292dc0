"""Permission in the signature of every route: `Allow(scope)` for callers, `Public()` for everyone.

A test walks all routes and fails for one that has neither.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from yinse.contracts.refusals import PermissionDenied, Unauthenticated
from yinse.service.accounts.authentication import Presented, authenticate
from yinse.service.accounts.credentials import is_ticket
from yinse.service.context import Context, Visit
from yinse.service.ports import Ports
from yinse.service.principal import Principal, Scope

COOKIE = "yinse_session"
ON_BEHALF_OF = "yinse-on-behalf-of"
_CHANGES = "yinse.changes"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def ports_of(connection: HTTPConnection) -> Ports:
    """The ports of the running application."""
    ports = connection.app.state.ports
    assert isinstance(ports, Ports)
    return ports


def host_of(connection: HTTPConnection) -> str:
    """The client's address; behind a proxy, what that proxy says it is, if `trusted_proxies` has it.

    Of IPv6 the network (/64) that one client has for itself, with as many addresses as it likes.
    """
    host = connection.client.host if connection.client else "local"
    try:
        address = IPv6Address(host.partition("%")[0])
    except AddressValueError:
        return host
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))


def presented(connection: HTTPConnection) -> Presented:
    """Collect the credential a client sent, in any of the places clients send it."""
    headers, member = connection.headers, connection.headers.get(ON_BEHALF_OF)
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return Presented(bearer.strip(), member)
    if key := headers.get("xi-api-key") or connection.scope.get("yinse.key"):
        return Presented(str(key), member)
    if connection.scope["type"] == "websocket" and (ticket := connection.query_params.get("token")):
        return Presented(ticket, member)
    if cookie := connection.cookies.get(COOKIE):
        _refuse_cross_site(connection)
        return Presented(cookie, member)
    raise Unauthenticated("Send an API key as 'Authorization: Bearer <key>', or sign in.")


async def identify(connection: HTTPConnection) -> Principal:
    """Authenticate and count the request. Raises `Unauthenticated`, `Throttled`, `NotFound`."""
    ports = ports_of(connection)
    try:
        credential = presented(connection)
        if is_ticket(credential.token) and connection.scope["type"] != "websocket":
            # It could buy the next one, and last as long as whoever issued it.
            raise Unauthenticated("A ticket opens a WebSocket and nothing else.")
        principal = await authenticate(ports, credential)
    except Unauthenticated:
        await ports.throttle.hit(ports.options.limits.anonymous, "anonymous", host_of(connection))
        raise
    await ports.throttle.hit(ports.options.limits.requests, "requests", principal.account_id)
    connection.scope["yinse.account"] = principal.account_id
    return principal


class Allow(SecurityBase):
    """Depend on this to be reached by callers who hold `scope`; gives the use case its `Context`.

    The API's document says so of every route that does.
    """

    model = HTTPBearer(description="An API key. `xi-api-key` and the cookie of a session do as well.")
    scheme_name = "key"

    def __init__(self, scope: Scope, *, write: bool | None = None) -> None:
        self.scope = scope
        self.write = write

    async def __call__(self, connection: HTTPConnection) -> AsyncIterator[Context]:
        """Open the transaction around the route; commit before the answer leaves."""
        connection.scope[_CHANGES] = self.write
        principal = await identify(connection)
        principal.require(self.scope)
        ports = ports_of(connection)
        write = connection.scope["method"] not in _SAFE if self.write is None else self.write
        async with ports.database.transaction(write=write) as session:
            ctx = Context(session, ports, principal)
            yield ctx
        await ctx.committed()


class Public:
    """Depend on this to be reached by everyone, counted by address unless it is a probe."""

    def __init__(self, *, write: bool | None = None, counted: bool = True) -> None:
        self.write, self.counted = write, counted

    async def __call__(self, connection: HTTPConnection) -> AsyncIterator[Visit]:
        """Open the transaction around the route."""
        ports, host = ports_of(connection), host_of(connection)
        if self.counted:
            await ports.throttle.hit(ports.options.limits.anonymous, "anonymous", host)
        write = connection.scope["method"] not in _SAFE if self.write is None else self.write
        async with ports.database.transaction(write=write) as session:
            yield Visit(session, ports, host)


class Arrive(Public):
    """Depend on this to be reached by everyone, and to know who is signed in, if anyone is."""

    async def __call__(self, connection: HTTPConnection) -> AsyncIterator[Visit]:
        """Open the transaction around the route; whoever is signed in counts against their own limit."""
        ports, principal = ports_of(connection), None
        with suppress(Unauthenticated):
            principal = await identify(connection)
        async with ports.database.transaction(write=False) as session:
            yield Visit(session, ports, host_of(connection), principal)


def allow(scope: Scope, *, write: bool | None = None) -> object:
    """Annotate a route's context: `ctx: Annotated[Context, allow(Scope.SPEECH)]`."""
    return Depends(Allow(scope, write=write), scope="function")


def public(*, write: bool | None = None, counted: bool = True) -> object:
    """Annotate a public route's visit: `visit: Annotated[Visit, public()]`."""
    return Depends(Public(write=write, counted=counted), scope="function")


def arriving() -> object:
    """Annotate a public route that greets: `visit: Annotated[Visit, arriving()]`."""
    return Depends(Arrive(), scope="function")


def _refuse_cross_site(connection: HTTPConnection) -> None:
    """A cookie counts for changes only from our own pages (CSRF), as the browser's headers tell."""
    scope = connection.scope
    unsafe = scope["type"] == "websocket" or scope["method"] not in _SAFE or scope.get(_CHANGES)
    if unsafe and not _same_site(connection.headers):
        raise PermissionDenied("This request came from another site.", code="cross_site")


def _same_site(headers: Mapping[str, str]) -> bool:
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    if origin := headers.get("origin"):
        return urlsplit(origin).netloc == headers.get("host")
    return "x-yinse-csrf" in headers
