"""Messages between the service and its engine processes: pickled tuples behind their length, over a private socket.

Both ends are this very program on this very machine, and nobody else holds the socket: pickling is safe here.
"""

import asyncio
import pickle
import struct
from enum import StrEnum
from typing import Any, TypeAlias

from yinse.contracts.errors import YinseError

_LENGTH = struct.Struct(">I")


class Verb(StrEnum):
    """What is asked of an engine process, and how it answers."""

    SPEAK = "speak"
    ADAPT = "adapt"
    EXAMINE = "examine"
    CONSENT = "consent"
    RESELECT = "reselect"
    EMBED = "embed"
    FORGET = "forget"
    READY = "ready"
    MORE = "more"
    CANCEL = "cancel"
    CLOSE = "close"
    ITEM = "item"
    DONE = "done"
    ERROR = "error"
    GAUGES = "gauges"


Frame: TypeAlias = tuple[int, Verb, Any]
"""The number of a request, what of it, and the value."""


async def receive(reader: asyncio.StreamReader) -> Any:
    """The next message, or None when the other end is gone."""
    try:
        length = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))[0]
        return pickle.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def send(writer: asyncio.StreamWriter, message: object) -> None:
    """Queue a message."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    writer.write(_LENGTH.pack(len(data)) + data)


def packed(error: YinseError) -> tuple[type[YinseError], tuple[Any, ...], dict[str, Any]]:
    """An error of the house as it travels: constructors with keywords of their own do not survive pickling."""
    return type(error), error.args, dict(vars(error))


def unpacked(value: tuple[type[YinseError], tuple[Any, ...], dict[str, Any]]) -> YinseError:
    """What was packed."""
    kind, arguments, members = value
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    vars(error).update(members)
    return error
