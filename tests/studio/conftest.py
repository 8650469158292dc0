"""A whole house on the honest fake engine, for the studio to talk to."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from yinse.app import administration
from yinse.app.api import create_app
from yinse.service.options import LimitOptions, ServiceOptions
from yinse.service.principal import Role
from yinse.serving.options import ServingOptions
from yinse.settings import Settings

PASSWORD = "a quiet room, a good minute"


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
