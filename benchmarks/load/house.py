"""`yinse serve` in a process of its own, on loopback and a temporary home, as an operator would start it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

ROOMY = {
    "YINSE_SERVICE__LIMITS__REQUESTS": "100000/minute",
    "YINSE_SERVICE__LIMITS__ANONYMOUS": "100000/minute",
    "YINSE_SERVICE__LIMITS__STREAMS": "64",
    "YINSE_SERVICE__LIMITS__SIGN_IN": "1000/minute",
    "YINSE_SERVICE__LIMITS__CHARACTERS_MONTHLY": "100000000",
}
"""One client plays everybody, from one address."""
START_SECONDS = 300.0
PASSWORD = "a password of the benchmark"


class House:
    """A running service. Its log goes to `server.log` in its home."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self._settings = home, settings
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> "House":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until the models are loaded."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, **ROOMY, **self._settings, "YINSE_HOME": str(self.home)}
        command = [
            sys.executable,
            "-c",
            "from yinse.cli.main import main; main()",
            "serve",
            "--port",
            str(port),
        ]
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the service did not start; see {self.home / 'server.log'}")
            time.sleep(0.2)

    def ready(self) -> bool:
        """Whether it takes requests."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """End it as an operator does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def memory_mb(self) -> float:
        """Memory of the service and its engine processes: pages that several share are counted once."""
        assert self._process is not None
        return sum(proportional_mb(pid) for pid in (self._process.pid, *children(self._process.pid)))

    def sign_up(self, name: str) -> str:
        """Make an account; return a session's token."""
        address = {"email": f"{name}@example.org", "password": PASSWORD}
        with httpx.Client(base_url=self.url, timeout=60) as client:
            client.post("/v1/accounts", json={**address, "display_name": name}).raise_for_status()
            return str(client.post("/v1/sessions", json=address).raise_for_status().json()["token"])


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def proportional_mb(pid: int) -> float:
    """Proportional set size of a process in MB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in rollup if line.startswith("Pss:")).split()[1]) / 1024


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
