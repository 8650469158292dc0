"""Multipart forms read as they arrive: a file is sealed while it streams in and never touches the disk plain.

The framework's own form parser would spool large files to a temporary file; recordings must not lie there.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from yinse.contracts.errors import InvalidInput
from yinse.contracts.refusals import TooLarge, UnsupportedMedia
from yinse.service.middleware import BODY_LIMIT, BODY_SECONDS
from yinse.service.options import LimitOptions

_FIELD_BYTES = 64 * 1024
_MOST_FIELDS = 32
"""More than any route knows. They are held in memory, and small parts cost most time for their size."""
_SNIFF_BYTES = 12
_MAGIC = (
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "audio/webm"),
)


def sniff(head: bytes) -> str:
    """Media type by the first bytes, whatever the client claims. Raises `UnsupportedMedia`."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "audio/aac" if head[1] & 0xF6 == 0xF0 else "audio/mpeg"
    raise UnsupportedMedia("This is not a recording we take: use wav, flac, mp3, m4a, aac, ogg or webm.")


@dataclass(slots=True)
class Part:
    """One part of a form; `body` must be read to its end before the next part is asked for."""

    name: str
    filename: str | None
    body: AsyncIterator[bytes]

    @property
    def is_file(self) -> bool:
        """Files have a filename, fields do not."""
        return self.filename is not None

    async def text(self) -> str:
        """Value of a field. Raises `TooLarge`, `InvalidInput`."""
        value = bytearray()
        async for chunk in self.body:
            value += chunk
            if len(value) > _FIELD_BYTES:
                raise TooLarge(f"The field {self.name!r} is longer than {_FIELD_BYTES} bytes.")
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise InvalidInput(f"The field {self.name!r} is not UTF-8 text.") from error


async def sniffed(body: AsyncIterator[bytes]) -> tuple[str, AsyncIterator[bytes]]:
    """Media type of a stream, and the stream unread. Raises `UnsupportedMedia`."""
    head = bytearray()
    async for chunk in body:
        head += chunk
        if len(head) >= _SNIFF_BYTES:
            break

    async def whole() -> AsyncIterator[bytes]:
        yield bytes(head)
        async for chunk in body:
            yield chunk

    return sniff(bytes(head)), whole()


async def at_most(body: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes]:
    """The same stream. Raises `TooLarge` at the byte that is too many."""
    size = 0
    async for chunk in body:
        size += len(chunk)
        if size > longest:
            raise TooLarge(f"A file may have {longest} bytes here.")
        yield chunk


_Event = tuple[str, bytes]


class _Parser:
    """The push parser's callbacks, gathered as a queue of events."""

    def __init__(self, boundary: bytes) -> None:
        self.events: deque[_Event] = deque()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": lambda: self.events.append(("begin", b"")),
                "on_header_field": lambda data, start, end: self._push("field", data[start:end]),
                "on_header_value": lambda data, start, end: self._push("value", data[start:end]),
                "on_header_end": lambda: self.events.append(("header", b"")),
                "on_headers_finished": lambda: self.events.append(("headers", b"")),
                "on_part_data": lambda data, start, end: self._push("data", data[start:end]),
                "on_part_end": lambda: self.events.append(("end", b"")),
                "on_end": lambda: self.events.append(("finish", b"")),
            },
        )

    def _push(self, kind: str, data: bytes) -> None:
        self.events.append((kind, bytes(data)))

    def write(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise InvalidInput("This multipart form is malformed.") from error


class Form:
    """The parts of a request's form, in their order."""

    def __init__(self, request: Request, most_files: int) -> None:
        self._most_parts = most_files + _MOST_FIELDS
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise UnsupportedMedia("Send this as multipart/form-data.")
        self._parser = _Parser(options[b"boundary"])
        self._source = request.stream()

    async def parts(self) -> AsyncIterator[Part]:
        """Yield each part. Raises `InvalidInput` for a malformed or cut-off form, `TooLarge` for too many parts."""
        count = 0
        while (event := await self._next())[0] != "finish":
            if event[0] != "begin":
                raise InvalidInput("This multipart form is malformed.")
            count += 1
            if count > self._most_parts:
                raise TooLarge(f"A form may have {self._most_parts} parts here.")
            name, filename = await self._headers()
            yield Part(name, filename, self._body())

    async def _headers(self) -> tuple[str, str | None]:
        headers: dict[bytes, bytes] = {}
        field = value = b""
        while (event := await self._next())[0] != "headers":
            kind, data = event
            if kind == "field":
                field += data
            elif kind == "value":
                value += data
            elif kind == "header":
                headers[field.lower()] = value
                field = value = b""
        _, options = parse_options_header(headers.get(b"content-disposition", b""))
        if b"name" not in options:
            raise InvalidInput("A part of this form has no name.")
        filename = options.get(b"filename")
        name = options[b"name"].decode(errors="replace")
        return name, None if filename is None else filename.decode(errors="replace")

    async def _body(self) -> AsyncIterator[bytes]:
        while (event := await self._next())[0] == "data":
            yield event[1]
        if event[0] != "end":
            raise InvalidInput("This multipart form is malformed.")

    async def _next(self) -> _Event:
        while not self._parser.events:
            chunk = await anext(self._source, None)
            if chunk is None:
                raise InvalidInput("This form ended too early; nothing was kept.", code="upload_cut_off")
            self._parser.write(chunk)
        return self._parser.events.popleft()


@asynccontextmanager
async def receiving(request: Request, limits: LimitOptions) -> AsyncIterator[Form]:
    """Allow this request an upload's size, and no more than an upload's time. Raises `TooLarge`."""
    request.scope[BODY_LIMIT] = limits.upload_bytes
    request.scope[BODY_SECONDS] = 2 * limits.upload_seconds  # the clock below is the one that counts
    try:
        async with asyncio.timeout(limits.upload_seconds):
            yield Form(request, limits.recordings)
    except TimeoutError as error:
        message = f"This upload took longer than {limits.upload_seconds:.0f} seconds; nothing was kept."
        raise InvalidInput(message, code="upload_too_slow") from error
