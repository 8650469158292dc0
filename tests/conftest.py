"""What every test stands on: no network, one thread, fixed seeds, a home of its own."""

import ipaddress
import os
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# One thread for every numeric library. They read this when they are loaded, so it comes before them.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import hypothesis
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
SEED = 20240


def pytest_configure(config: pytest.Config) -> None:
    """Let generated examples be the same in every run, and take as long as a busy machine takes."""
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile(
        "yinse", deadline=None, derandomize=True, database=None, suppress_health_check=slow
    )
    hypothesis.settings.load_profile("yinse")


class NetworkForbidden(RuntimeError):
    """A test tried to reach beyond this machine."""


def is_local(host: object) -> bool:
    """Whether `host` is loopback; None and the empty string mean this machine."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def require_local(family: int, address: Any) -> None:
    """Raise `NetworkForbidden` unless `address` is loopback or not an internet address at all."""
    if family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
        raise NetworkForbidden(f"a test may not connect to {address[0]}")


@pytest.fixture(autouse=True, scope="session")
def network_off() -> Iterator[None]:
    """Let sockets reach loopback only, and names resolve only when they mean this machine."""
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        require_local(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        require_local(self.family, address)
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if not is_local(host):
            raise NetworkForbidden(f"a test may not look up {host}")
        return resolve(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        yield


@pytest.fixture(autouse=True)
def yinse_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `YINSE_HOME` of the test's own, not yet created: no test writes where a user's voices live."""
    home = tmp_path_factory.getbasetemp() / "homes" / f"{random.SystemRandom().getrandbits(64):016x}"
    monkeypatch.setenv("YINSE_HOME", str(home))
    monkeypatch.delenv("YINSE_DEBUG", raising=False)
    return home


@pytest.fixture(autouse=True)
def fixed_seeds() -> None:
    """Seed every global generator; torch only where the test's module already imported it."""
    random.seed(SEED)
    np.random.seed(SEED)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(SEED)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Blame the test that leaves torch more threads than it was given, and not the one that suffers from them."""
    yield
    torch = sys.modules.get("torch")
    if torch is not None and (left := torch.get_num_threads()) != 1:
        torch.set_num_threads(1)
        pytest.fail(f"this test leaves torch {left} threads")


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def speech_data() -> Path:
    """The folder of real recordings (manifest and tars); skips, saying so, where it is absent."""
    folder = Path(os.environ.get("YINSE_SPEECH_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "manifest.jsonl").exists():
        pytest.skip("no real recordings here: YINSE_SPEECH_DATA names a folder with manifest.jsonl and tars")
    return folder
