"""The web server: uvicorn, with a limit on how slowly a client may send its headers."""

import asyncio
import logging

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from yinse.app.log import configure

HEADER_SECONDS = 10.0


class PatientOnce(H11Protocol):
    """Closes a connection whose first request has not arrived in time (slow-loris)."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


def config_for(app: object, host: str, port: int, drain_seconds: float) -> uvicorn.Config:
    """How the server runs. Its own access log is off: it would hold paths and keys."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        http=PatientOnce,
        ws="websockets-sansio",
        ws_max_size=1024 * 1024,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=int(drain_seconds) + 5,
        h11_max_incomplete_event_size=64 * 1024,
    )


def run(app: object, host: str, port: int, drain_seconds: float) -> None:
    """Serve until a signal; then finish what is open."""
    configure(logging.INFO)
    uvicorn.Server(config_for(app, host, port, drain_seconds)).run()
