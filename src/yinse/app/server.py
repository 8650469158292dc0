"""The web server: uvicorn, with limits on slow headers, on bodies that go on after their answer, and on slow readers."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from yinse.app.log import configure
from yinse.contracts.errors import InvalidInput
from yinse.service.options import ServiceOptions
from yinse.service.ports import Ports

HEADER_SECONDS = 10.0
IGNORED_BYTES = 4 * 1024 * 1024
UNREAD_SECONDS = 60.0
"""Longest time that an answer waits for its client to read on."""
_LAST_SECONDS = 5
"""For requests that are still open when the time for streams is over."""
_LOOK_SECONDS = 0.1


class Unread(asyncio.Protocol):
    """Lets go of a client that does not read: what speaks for it would wait for ever, and keep others from speaking."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    _unread: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """More lies ready than the connection takes."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client went on reading."""
        super().resume_writing()
        self._read_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._read_on()
        super().connection_lost(exc)

    def _read_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


class ImpatientSocket(Unread, WebSocketsSansIOProtocol):
    """A WebSocket whose client has to read what it asked for."""

    async def send(self, message: Any) -> None:
        """Send; a refusal is the end of a handshake too, which the base calls an error of the application."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True


class Impatient(Unread, H11Protocol):
    """Closes a connection that takes too long to say what it wants (slow-loris), with every request anew.

    A request refused in the middle of its body may go on sending for as long, and for `IGNORED_BYTES`: a client that
    reads its answer only when it has sent all it wanted still gets it, one that pours gigabytes is cut off.
    """

    _deadline: asyncio.TimerHandle | None = None
    _upgraded = False
    _ignored = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting while what came is only the beginning of a request; stop when it is one."""
        super().data_received(data)
        if self._asked or self._upgraded:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()
        self._ignored = self._ignored + len(data) if self._answered_early else 0
        if self._ignored > IGNORED_BYTES:
            self.transport.close()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """The connection is a socket's from now on, and may be silent for as long as it likes."""
        self._upgraded = True
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _asked(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _answered_early(self) -> bool:
        """Whether the request was answered before all of its body was here."""
        return (
            self.cycle is not None and self.cycle.response_complete and self.conn.their_state is h11.SEND_BODY
        )

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._asked and not self._upgraded and not self.transport.is_closing():
            self.transport.close()


def config_for(app: object, host: str, port: int, service: ServiceOptions) -> uvicorn.Config:
    """How the server runs. Its own access log is off: it would hold paths and keys."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        http=Impatient,
        ws=ImpatientSocket,
        ws_max_size=1024 * 1024,
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=service.trusted_proxies,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=int(service.drain_seconds) + _LAST_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )


def listen(host: str, port: int) -> socket.socket:
    """Take an address to serve on; port 0 is any free one. Raises `InvalidInput` where it cannot be had."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        message = (
            f"Yinse cannot listen on {host}:{port}: {error.strerror}. Choose others with --host and --port."
        )
        raise InvalidInput(message, code="address_unavailable") from error
    return taken


class Graceful(uvicorn.Server):
    """Says when it answers; when it is to end, lets what speaks finish before anything is closed.

    Uvicorn by itself closes the door and every WebSocket at once. Meanwhile new speech is refused and `/readyz` says
    so, that whoever sends requests here may send them elsewhere.
    """

    def __init__(self, config: uvicorn.Config, ports: Ports, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ports, self._ready = ports, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for open streams and sockets, as long as the options say or until a second Ctrl-C; then end."""
        live, loop = self._ports.live, asyncio.get_running_loop()
        live.closing.set()
        until = loop.time() + self._ports.options.drain_seconds
        while (live.count or self._sockets) and loop.time() < until and not self.force_exit:
            await asyncio.sleep(_LOOK_SECONDS)
        self.config.timeout_graceful_shutdown = _LAST_SECONDS + max(0, int(until - loop.time()))
        await super().shutdown(sockets)

    @property
    def _sockets(self) -> int:
        """How many WebSockets are open."""
        return sum(not isinstance(one, H11Protocol) for one in self.server_state.connections)


def run(app: FastAPI, taken: socket.socket, ready: Callable[[], None]) -> None:
    """Serve on a taken address until a signal, then finish what is open; call `ready` once requests are answered.

    At a terminal only what needs attention is logged, as text; elsewhere every event, as JSON. Ctrl-C is how one ends
    it there, so it is no error.
    """
    configure(logging.WARNING if sys.stderr.isatty() else logging.INFO, plain=sys.stderr.isatty())
    host, port = taken.getsockname()[:2]
    ports: Ports = app.state.ports
    with suppress(KeyboardInterrupt):
        Graceful(config_for(app, host, port, ports.options), ports, ready).run(sockets=[taken])
