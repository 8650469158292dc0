"""Answers that are made after the request's transaction is committed, and answers that are made while they are sent."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import TypeVar

from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

Piece = TypeVar("Piece", bytes, str)


class AfterCommit(Response):
    """Builds the response once the transaction is committed; what it raises is still a problem document."""

    def __init__(self, build: Callable[[], Awaitable[Response]]) -> None:
        super().__init__()
        self._build = build

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Build, then answer."""
        response = await self._build()
        await response(scope, receive, send)


class Streamed(StreamingResponse):
    """Pieces as they are made; however sending ends, what makes them is closed at once."""

    def __init__(
        self,
        content: AsyncGenerator[bytes, None] | AsyncGenerator[str, None],
        media_type: str,
        headers: Mapping[str, str] | None = None,
        status_code: int = 200,
    ) -> None:
        super().__init__(content, status_code, headers, media_type)
        self._content = content

    async def stream_response(self, send: Send) -> None:
        """Send, and close."""
        async with aclosing(self._content):
            await super().stream_response(send)


async def begin(stream: AsyncGenerator[Piece, None]) -> AsyncGenerator[Piece, None]:
    """Wait for the first piece, so that a refusal is still an answer with a status; then go on."""
    first = await anext(stream, None)

    async def whole() -> AsyncGenerator[Piece, None]:
        async with aclosing(stream):
            if first is not None:
                yield first
            async for piece in stream:
                yield piece

    return whole()
