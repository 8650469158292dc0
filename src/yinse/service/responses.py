"""Answers that are made after the request's transaction is committed."""

from collections.abc import Awaitable, Callable

from fastapi import Response
from starlette.types import Receive, Scope, Send


class AfterCommit(Response):
    """Builds the response once the transaction is committed; what it raises is still a problem document."""

    def __init__(self, build: Callable[[], Awaitable[Response]]) -> None:
        super().__init__()
        self._build = build

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Build, then answer."""
        response = await self._build()
        await response(scope, receive, send)
