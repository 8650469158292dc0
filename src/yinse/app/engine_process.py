"""The main program of an engine process (`yinse.serving.crew` starts it)."""

import asyncio
import logging
import os
import signal
import socket
import sys

from yinse.app.log import configure
from yinse.app.wiring import build_blobs, build_local_engine
from yinse.serving.child import Child
from yinse.serving.wire import receive
from yinse.settings import Settings
from yinse.vault.keyring import Keyring

LISTENER_NICENESS = 5
"""Enrolment and training give way to speech."""


def main() -> None:
    """Serve the socket whose number is the last argument. The service ends us; the terminal's signals are its own."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    configure(logging.INFO)
    asyncio.run(_serve(socket.socket(fileno=int(sys.argv[-1]))))


def _end() -> None:
    """The service has hung up: in good order, with nothing left to do, or because it died.

    Then a training must find its work again as it left it, so nothing is wound up.
    """
    logging.shutdown()
    os._exit(0)


async def _serve(connection: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=connection)
    first = await receive(reader)
    if first is None:
        return
    settings, listens = first
    assert isinstance(settings, Settings)
    if listens:
        os.nice(LISTENER_NICENESS)
    keyring = Keyring(settings.vault.provider(settings.home))
    engine = build_local_engine(settings, build_blobs(settings), keyring)
    await Child(engine.speech, engine.enrolment, engine.training, reader, writer).run()
    _end()


if __name__ == "__main__":
    main()
