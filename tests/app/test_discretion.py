"""What people say, who they are and what opens their doors stands in no line of the log, no metric and no error."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from yinse.serving.fake import recording

EMAIL, PASSWORD, NAME = "quincy@example.org", "correct horse battery staple", "Quincy Wagstaff"
TEXT, NOTE = "the walrus hums at midnight", "purple elephant"


@pytest.fixture
def service(tmp_path):
    """`yinse serve` as an operator runs it, with its log in a file."""
    log = tmp_path / "log"
    command = [sys.executable, "-c", "from yinse.cli.main import main; main()", "serve", "--port", "0"]
    environment = {**os.environ, "YINSE_HOME": str(tmp_path / "home"), "YINSE_SERVING__ENGINE": "fake"}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    deadline = time.monotonic() + 120
    while not (listening := re.search(r"listens on (\S+)", log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with httpx.Client(base_url=listening[1], timeout=60) as client:
        yield client, log, process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def talk(client, path, *messages, **headers):
    """Say something over a socket, and hear whatever comes."""
    url = str(client.base_url).rstrip("/").replace("http", "ws") + path
    with suppress(ConnectionClosed, InvalidStatus), connect(url, additional_headers=headers) as socket:
        for message in messages:
            socket.send(message if isinstance(message, bytes) else json.dumps(message))
        for _ in socket:
            pass


def test_nothing_personal_is_told_to_anybody(service):
    client, log, process = service
    who = {"email": EMAIL, "password": PASSWORD}
    client.post("/v1/accounts", json={**who, "display_name": NAME}).raise_for_status()
    client.post("/v1/accounts", json={**who, "display_name": NAME})
    client.post("/v1/sessions", json={**who, "password": PASSWORD + "!"})
    session = client.post("/v1/sessions", json=who).raise_for_status().json()["token"]
    client.cookies.clear()
    signed_in = {"Authorization": f"Bearer {session}"}
    scopes = ["speech", "voices:read", "voices:write", "history"]
    key = client.post("/v1/keys", json={"name": NOTE, "scopes": scopes}, headers=signed_in).json()["key"]
    mine = {"Authorization": f"Bearer {key}"}
    files = {"files": (f"{NAME}.wav", recording(300, 3), "audio/wav")}
    made = client.post("/v1/voices", data={"name": NOTE}, files=files, headers=mine).json()
    while client.get(f"/v1/jobs/{made['job']['id']}", headers=mine).json()["state"] in ("queued", "running"):
        time.sleep(0.1)
    order = {"text": TEXT, "voice": NOTE, "format": "pcm"}
    assert client.post("/v1/speech", json=order, headers=mine).status_code == 200
    client.post("/v1/speech", json={**order, TEXT: TEXT}, headers=mine)
    client.post("/v1/speech", content=json.dumps(order)[:-1], headers=mine)
    client.get(f"/k/{key}/tts", params={"text": TEXT, "text_lang": "zh", "ref_audio_path": NOTE})
    client.get("/tts", params={"text": TEXT, "key": key, "ref_audio_path": NAME})
    client.get(f"/v1/history/{TEXT}?key={key}")
    ticket = client.post("/v1/tickets", json={}, headers=mine).json()["token"]
    start, said = {"type": "start", "voice": NOTE}, {"type": "text", "text": TEXT}
    for path in (f"/v1/speech/live?token={ticket}", f"/v1/speech/live?key={key}", f"/k/{key}/v1/speech/live"):
        talk(client, path, start, said, {"type": "end"})
    talk(client, f"/v1/speech/live?token={ticket}")
    talk(client, f"/v1/speech/live?key={key}", said, start)
    talk(client, f"/v1/speech/live?key={key}", TEXT.encode())
    talk(client, f"/v1/text-to-speech/{TEXT * 40}/stream-input?key={key}".replace(" ", "%20"), {"text": TEXT})
    metrics = client.get("/metrics").text
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    told = log.read_text()
    assert '"event": "request"' in told
    assert '"level": "error"' not in told, told
    for secret in (EMAIL, PASSWORD, NAME, TEXT, TEXT.replace(" ", "%20"), NOTE, key, session, ticket):
        assert secret not in told, secret
        assert secret not in metrics, secret
