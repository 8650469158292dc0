"""A whole service on a temporary folder: real database, real vault, honest fake engine."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from yinse.service.accounts.service import add_key, create_account
from yinse.service.api import create_api
from yinse.service.db import Base, Database, KeysBase
from yinse.service.jobs.worker import Worker
from yinse.service.keystore.service import KeyStore
from yinse.service.objects.store import folder
from yinse.service.options import LimitOptions, ServiceOptions
from yinse.service.ports import Ports
from yinse.service.principal import Role, Scope, scopes_of
from yinse.service.tasks import KINDS
from yinse.service.voices import presets
from yinse.serving.fake import FakeCoach, FakeEnrolment, FakeSpeech, FakeTraining, recording
from yinse.vault.keyring import Keyring
from yinse.vault.roots import root_from_file

T = TypeVar("T")


class FakeClock:
    """Time that moves when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def limits() -> LimitOptions:
    return LimitOptions(
        requests="100000/minute", anonymous="100000/minute", uploads="10000/hour", consent_attempts_daily=100
    )


@pytest.fixture
def options(limits: LimitOptions) -> ServiceOptions:
    return ServiceOptions(limits=limits)


@pytest.fixture
def ports(tmp_path: Path, clock: FakeClock, options: ServiceOptions) -> Ports:
    main = Database(options.database_url or f"sqlite+aiosqlite:///{tmp_path}/yinse.sqlite3")
    keys = Database(f"sqlite+aiosqlite:///{tmp_path}/keys.sqlite3", secure_delete=True)
    keyring, blobs = Keyring(root_from_file(tmp_path / "root.json")), folder(tmp_path / "objects")
    return Ports(
        options=options,
        secret=b"a secret of the tests, long enough",
        database=main,
        keys=KeyStore(keys, keyring),
        blobs=blobs,
        speech=FakeSpeech(blobs, keyring),
        enrolment=FakeEnrolment(blobs, keyring),
        training=FakeTraining(blobs, keyring),
        coach=FakeCoach(),
        clock=clock,
    )


@asynccontextmanager
async def opened(ports: Ports) -> AsyncIterator[None]:
    await ports.database.create(Base.metadata)
    await ports.keys.database.create(KeysBase.metadata)
    await presets.ensure(ports)
    try:
        yield
    finally:
        await ports.database.close()
        await ports.keys.database.close()


@dataclass
class Caller:
    """An account with a key, and HTTP verbs that use it."""

    client: TestClient
    account_id: str
    key: str
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", **self.headers, **kwargs.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.request("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.request("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.request("PATCH", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.request("DELETE", path, **kwargs)


class House:
    """The running service and what a test needs to arrange."""

    def __init__(self, ports: Ports, client: TestClient, clock: FakeClock, home: Path) -> None:
        self.ports, self.client, self.clock, self.home = ports, client, clock, home

    def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Await in the service's own event loop."""
        assert self.client.portal is not None
        return self.client.portal.call(function, *args)

    def caller(
        self, name: str = "Ann", *, role: Role = Role.CREATOR, scopes: set[Scope] | None = None
    ) -> Caller:
        async def make() -> tuple[str, str]:
            async with self.ports.database.transaction() as session:
                account = await create_account(session, self.clock.now, display_name=name, role=role)
                chosen = sorted(scopes_of(role) if scopes is None else scopes)
                key, _ = add_key(session, self.ports.secret, account.id, "test", chosen, self.clock.now)
                return account.id, key

        return Caller(self.client, *self.run(make))


@pytest.fixture
def app(ports: Ports) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with opened(ports):
            yield

    return create_api(ports, lifespan)


@pytest.fixture
def house(app: FastAPI, ports: Ports, clock: FakeClock, tmp_path: Path) -> Iterator[House]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield House(ports, client, clock, tmp_path)


class LiveHouse(House):
    """The same service behind a real server on a real port, with its worker running."""

    def __init__(self, ports: Ports, clock: FakeClock, home: Path) -> None:
        self.ports, self.clock, self.home = ports, clock, home
        self.worker = Worker(ports, KINDS)
        config = uvicorn.Config(
            create_api(ports, self._lifespan), port=0, log_level="critical", ws="websockets-sansio"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        self.loop = asyncio.get_running_loop()
        async with opened(self.ports):
            working = asyncio.create_task(self.worker.run())
            yield
            await self.worker.stop(5)
            await working

    def start(self) -> None:
        self.thread.start()
        deadline = time.monotonic() + 120
        while not self.server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=30)  # type: ignore[assignment]

    def stop(self) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(30)

    def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        async def awaited() -> T:
            return await function(*args)

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(30)


@pytest.fixture
def live(ports: Ports, clock: FakeClock, tmp_path: Path) -> Iterator[LiveHouse]:
    house = LiveHouse(ports, clock, tmp_path)
    house.start()
    yield house
    house.stop()


@pytest.fixture
def ann(house: House) -> Caller:
    return house.caller("Ann")


@pytest.fixture
def bob(house: House) -> Caller:
    return house.caller("Bob")


def upload(*pitches: float, seconds: float = 2.0) -> list[tuple[str, tuple[str, bytes, str]]]:
    """Recordings of speakers with these pitches, as multipart files."""
    return [
        ("files", (f"take{index}.wav", recording(pitch, seconds), "audio/wav"))
        for index, pitch in enumerate(pitches)
    ]


def stored(home: Path) -> list[Path]:
    """Every object in the store, also while folders that have become empty are being removed (`rglob` breaks then)."""
    return [Path(folder) / name for folder, _, names in os.walk(home / "objects") for name in names]


class Voices:
    """What tests do with voices again and again."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.worker = Worker(house.ports, KINDS)

    def work(self) -> int:
        """Run every waiting job."""
        return self.house.run(self.worker.run_pending)

    def create(self, caller: Caller, name: str = "me", pitch: float = 220.0) -> str:
        """A voice being made."""
        answer = caller.post("/v1/voices", data={"name": name}, files=upload(pitch))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["voice"]["id"])

    def ready(self, caller: Caller, name: str = "me", pitch: float = 220.0) -> str:
        """A voice that speaks."""
        voice_id = self.create(caller, name, pitch)
        self.work()
        return voice_id

    def consent(
        self,
        caller: Caller,
        voice_id: str,
        *,
        pitch: float = 220.0,
        said: str | None = None,
        **challenge: Any,
    ) -> httpx.Response:
        """Read the challenge aloud, in a pitch."""
        body = {"language": "zh", "scopes": ["synthesis", "share"], **challenge}
        asked = caller.post("/v1/consents/challenges", json=body).json()
        audio = recording(pitch, 2.0, said=asked["phrase"] if said is None else said)
        return caller.post(
            f"/v1/voices/{voice_id}/consents",
            params={"challenge_id": asked["id"]},
            files={"recording": ("consent.wav", audio, "audio/wav")},
        )

    def shared(self, owner: Caller, grantee: Caller, **grant: Any) -> tuple[str, str]:
        """A ready voice of `owner` that `grantee` may use: (voice id, grant id)."""
        voice_id = self.ready(owner)
        assert self.consent(owner, voice_id).json()["accepted"]
        answer = owner.post(f"/v1/voices/{voice_id}/grants", json={"grantee_id": grantee.account_id, **grant})
        assert answer.status_code == 201, answer.text
        return voice_id, str(answer.json()["id"])


@pytest.fixture
def voices(house: House) -> Voices:
    return Voices(house)
