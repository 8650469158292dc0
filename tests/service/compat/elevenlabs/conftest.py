"""Somebody who calls with ElevenLabs' own SDK, and has a voice."""

import httpx
import pytest
from elevenlabs.client import ElevenLabs

from yinse.serving.fake import recording


@pytest.fixture
def caller(live):
    return live.caller("Ann")


@pytest.fixture
def client(live, caller):
    with httpx.Client() as http:
        yield ElevenLabs(base_url=live.url, api_key=caller.key, httpx_client=http)


@pytest.fixture
def voice_id(client):
    files = [("take.wav", recording(300, 3), "audio/wav")]
    return client.voices.ivc.create(name="Ann", files=files, labels={"accent": "none"}).voice_id
