"""Files in parts (RFC 9110, section 14): players seek in long audio, and Safari plays nothing that it cannot have in parts."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any

from fastapi import HTTPException, Request

from yinse.service.responses import Streamed

_AUDIO: dict[str, Any] = {"content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}}
FILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: _AUDIO,
    206: _AUDIO | {"description": "The part asked for"},
}
"""How routes describe what `file_response` answers."""
Watch = Callable[[AsyncGenerator[bytes, None]], AsyncGenerator[bytes, None]]
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def file_response(
    request: Request,
    content: AsyncIterator[bytes],
    size: int,
    *,
    media_type: str,
    digest: str,
    watched: Watch,
    headers: Mapping[str, str] | None = None,
) -> Streamed:
    """Answer with a file of `size` bytes, or with the one part of it that was asked for; `watched` may break it off."""
    tag = f'"{digest}"'
    asked = request.headers.get("range", "")
    if request.headers.get("if-range", tag) != tag:
        asked = ""
    part = wanted(asked, size)
    start, end = part or (0, size)
    told = {**(headers or {}), "Accept-Ranges": "bytes", "ETag": tag, "Content-Length": str(end - start)}
    if part is not None:
        told["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    sent = watched(_cut(content, start, end))
    return Streamed(sent, media_type, told, 200 if part is None else 206)


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last that a `Range` asks for; None for all of it.

    What is malformed, in other units or in several parts counts for nothing. Raises `HTTPException` (416) for what lies
    beyond the file.
    """
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size:
        raise HTTPException(416, "This file has no such part.", {"Content-Range": f"bytes */{size}"})
    return start, end


async def _cut(content: AsyncIterator[bytes], start: int, end: int) -> AsyncGenerator[bytes, None]:
    """Some bytes of a stream; it is read no further than that."""
    at = 0
    async for chunk in content:
        if piece := chunk[max(0, start - at) : max(0, end - at)]:
            yield piece
        at += len(chunk)
        if at >= end:
            return
