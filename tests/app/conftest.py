"""A whole house of its own, and what every test does in it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from yinse.app import administration
from yinse.service.options import LimitOptions, ServiceOptions
from yinse.service.principal import Role, Scope
from yinse.serving.fake import recording
from yinse.serving.options import ServingOptions
from yinse.settings import Settings

SCOPES = [Scope.SPEECH, Scope.VOICES_READ, Scope.VOICES_WRITE, Scope.HISTORY]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    service = ServiceOptions(limits=LimitOptions(anonymous="10000/minute"), drain_seconds=2)
    return Settings(home=tmp_path / "home", serving=ServingOptions(engine="fake"), service=service)


def key_of(settings: Settings, name: str = "Ann", scopes: list[Scope] = SCOPES) -> dict[str, str]:
    account = asyncio.run(administration.new_account(settings, name, None, None, Role.CREATOR))
    token, _ = asyncio.run(administration.new_key(settings, account, "test", scopes))
    return {"Authorization": f"Bearer {token}"}


def make_voice(client: TestClient, headers: dict[str, str], name: str = "me") -> dict[str, Any]:
    files = {"files": ("take.wav", recording(300, 2), "audio/wav")}
    created = client.post("/v1/voices", data={"name": name}, files=files, headers=headers).json()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        voice: dict[str, Any] = client.get(f"/v1/voices/{created['voice']['id']}", headers=headers).json()
        if voice["state"] != "pending":
            return voice
        time.sleep(0.05)
    raise AssertionError("the worker does not work")


def say(client: TestClient, headers: dict[str, str], voice: str, text: str = "你好") -> httpx.Response:
    order = {"text": text, "voice": voice, "format": "pcm", "controls": {"seed": 1}}
    return client.post("/v1/speech", json=order, headers=headers)
