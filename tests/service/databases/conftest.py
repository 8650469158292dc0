"""Real servers on loopback, started for the tests and ended with them: PostgreSQL, and one that speaks S3."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(programs: Path, home: Path) -> bool:
    """Whether PostgreSQL takes queries: it listens before that, and then says only that it is starting up."""
    return subprocess.run([programs / "pg_isready", "-q", "-h", home]).returncode == 0


def postgres_programs() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return newest[-1].parent if newest else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    home = Path(tempfile.mkdtemp(prefix="yinse-pg-"))
    user: dict[str, object] = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("postgres")
        os.chown(home, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = home / "data"
    create = [programs / "initdb", "-D", data, "-U", "yinse", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(create, check=True, capture_output=True, cwd=home, **user)  # type: ignore[call-overload]
    options = [
        "-k",
        str(home),
        "-h",
        "",
        "-F",
    ]  # a socket in a folder of its own: no port that somebody may have
    server = subprocess.Popen(  # type: ignore[call-overload]
        [programs / "postgres", "-D", data, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
        **user,
    )
    try:
        wait_until(lambda: answers(programs, home))
        yield f"postgresql+psycopg://yinse@/postgres?host={home}"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """moto's server. It wants other versions than our tools do, so it lives in a folder of its own."""
    folder = os.environ.get("YINSE_S3_SERVER", "")
    if not (Path(folder) / "moto").is_dir():
        pytest.skip("no S3 server here: YINSE_S3_SERVER names a folder with moto (see docs/operations.md)")
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "PYTHONPATH": folder}
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        wait_until(lambda: listens(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
