"""A hostile client against the real server, byte by byte: refused with a problem, nothing kept, nobody else hurt."""

import json
import socket
import threading
import time
from contextlib import ExitStack, closing

import httpx
import pytest
import uvicorn

from yinse.app import administration, server
from yinse.app.api import create_app
from yinse.service.options import LimitOptions, ServiceOptions
from yinse.service.principal import Role, Scope
from yinse.serving.fake import recording

MEBIBYTE = 1024 * 1024


class Host:
    def __init__(self, settings, key, port):
        self.settings, self.key, self.port = settings, key, port
        self.url = f"http://127.0.0.1:{port}"

    def connect(self):
        return closing(socket.create_connection(("127.0.0.1", self.port), timeout=60))

    def objects(self):
        return [path for path in self.settings.objects.rglob("*") if path.is_file()]

    def head(self, method, path, **headers):
        lines = {"Host": "x", "Authorization": f"Bearer {self.key}", **headers}
        fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        return f"{method} {path} HTTP/1.1\r\n{fields}\r\n".encode()


@pytest.fixture
def patience():
    """Seconds for headers, uploads and other bodies: short where a test waits for their end, else a busy machine is one."""
    return 60.0, 60.0, 60.0


@pytest.fixture
def host(settings, tmp_path, monkeypatch, patience):
    import asyncio

    headers, upload, body = patience
    monkeypatch.setattr(server, "HEADER_SECONDS", headers)
    monkeypatch.setattr(server, "UNREAD_SECONDS", 2.0)
    limits = LimitOptions(
        anonymous="10000/minute", upload_bytes=MEBIBYTE, upload_seconds=upload, body_seconds=body
    )
    settings = settings.model_copy(update={"service": ServiceOptions(limits=limits, drain_seconds=1)})
    account = asyncio.run(administration.new_account(settings, "Eve", None, None, Role.CREATOR))
    scopes = [Scope.SPEECH, Scope.VOICES_READ, Scope.VOICES_WRITE]
    key, _ = asyncio.run(administration.new_key(settings, account, "test", scopes))
    studio = tmp_path / "dist"
    studio.mkdir()
    (studio / "index.html").write_text("<title>Yinse</title>")
    running = uvicorn.Server(
        server.config_for(create_app(settings, studio=studio), "127.0.0.1", 0, settings.service)
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 120
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield Host(settings, key, running.servers[0].sockets[0].getsockname()[1])
    running.should_exit = True
    thread.join(60)


def answer_of(connection):
    """Status and body of an answer, or None when the connection was closed without one."""
    data = b""
    try:
        while part := connection.recv(65536):
            data += part
            if b"\r\n\r\n" in data:
                break
    except ConnectionError:
        pass
    return int(data.split(b" ", 2)[1]) if data else None


def test_two_gigabytes_that_are_announced_are_refused_before_they_are_sent(host):
    with host.connect() as connection:
        form = "multipart/form-data; boundary=b"
        connection.sendall(host.head("POST", "/v1/voices", Content_Type=form, Content_Length=2 * 1024**3))
        assert answer_of(connection) == 413
    assert host.objects() == []


def test_gigabytes_without_an_announcement_end_at_the_limit_and_leave_nothing(host):
    sent = 0

    def endless():
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\nRIFF\0\0\0\0WAVE'
        while sent < 2 * 1024**3:
            sent += 65536
            yield bytes(65536)

    headers = {"Authorization": f"Bearer {host.key}", "Content-Type": "multipart/form-data; boundary=b"}
    try:
        answer = httpx.post(f"{host.url}/v1/voices", content=endless(), headers=headers, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    except httpx.TransportError:
        pass  # the server may close while we still send
    assert sent < 64 * MEBIBYTE
    assert host.objects() == []


@pytest.mark.parametrize("patience", [(1.0, 60.0, 60.0)])
@pytest.mark.parametrize(
    "first", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["at once", "after a request"]
)
def test_headers_that_drip_are_cut_off(host, first):
    with host.connect() as connection:
        if first:
            connection.sendall(first)
            assert answer_of(connection) == 200
        started = time.monotonic()
        try:
            while time.monotonic() - started < 60:
                connection.sendall(
                    b"X" if time.monotonic() - started > 0.1 else b"GET / HTTP/1.1\r\nX-Slow: "
                )
                time.sleep(0.2)
        except ConnectionError:
            pass
        assert time.monotonic() - started < 30
    assert httpx.get(f"{host.url}/healthz", timeout=60).status_code == 200


@pytest.mark.parametrize("patience", [(60.0, 2.0, 1.0)])
@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [("/v1/speech", "application/json", 408), ("/v1/voices", "multipart/form-data; boundary=b", 422)],
)
def test_a_body_that_drips_is_cut_off(host, path, content_type, status):
    with host.connect() as connection:
        connection.sendall(
            host.head("POST", path, Content_Type=content_type, Content_Length=5000) + b'{"text'
        )
        assert answer_of(connection) == status
    assert host.objects() == []


@pytest.mark.parametrize("patience", [(60.0, 60.0, 1.0)])
@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Bad Name: x\r\n",
        "X-Null: a\x00b\r\n",
        "X-Fold: a\r\n\tb\x01\r\n",
        "X-Long: " + "a" * 100_000 + "\r\n",
    ],
)
def test_ambiguous_and_broken_headers_never_reach_a_voice(host, headers):
    with host.connect() as connection:
        try:
            connection.sendall(f"POST /v1/speech HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode("latin-1"))
        except ConnectionError:
            return
        status = answer_of(connection)
        assert status is None or 400 <= status < 500


@pytest.mark.parametrize(
    "path",
    [
        "/../vault/root.json", "/%2e%2e/%2e%2e/vault/root.json", "/..%2fvault%2froot.json", "/..%5cvault%5croot.json",
        "//etc/passwd", "/v1/voices/../../vault/root.json", "/k/aaaaaaaaaaaaaaaaaaaa/../../vault/root.json",
        "/index.html%00.json", "/v1/links/..%2f..%2fvault", "/v1/voices/%27%20or%201=1--",
    ],
)  # fmt: skip
def test_paths_lead_nowhere(host, path):
    with host.connect() as connection:
        connection.sendall(host.head("GET", path, Connection="close"))
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert 400 <= int(answer.split(b" ", 2)[1]) < 500
    assert b"keys" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("patience", [(1.0, 60.0, 60.0)])
def test_a_socket_may_be_silent_for_longer_than_headers_may(host):
    from websockets.sync.client import connect

    headers = {"Authorization": f"Bearer {host.key}"}
    with connect(
        f"ws://127.0.0.1:{host.port}/v1/speech/live", additional_headers=headers, open_timeout=60
    ) as ws:
        time.sleep(3 * server.HEADER_SECONDS)
        ws.send(json.dumps({"type": "start", "voice": "nobody"}))
        ws.send(json.dumps({"type": "text", "text": "好。"}))
        assert json.loads(ws.recv(timeout=60))["problem"]["code"] == "not_found"


def test_a_message_larger_than_sockets_take_closes_the_socket(host):
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    headers = {"Authorization": f"Bearer {host.key}"}
    url = f"ws://127.0.0.1:{host.port}/v1/speech/live"
    with connect(url, additional_headers=headers, open_timeout=60) as connection:

        def flood():
            connection.send(json.dumps({"type": "start", "voice": "x" * (2 * MEBIBYTE)}))
            connection.recv(timeout=60)

        with pytest.raises(ConnectionClosed):
            flood()
    assert httpx.get(f"{host.url}/healthz", timeout=60).status_code == 200


@pytest.fixture
def voice(host):
    """A voice that speaks."""
    headers = {"Authorization": f"Bearer {host.key}"}
    with httpx.Client(base_url=host.url, headers=headers, timeout=60) as client:
        made = client.post("/v1/voices", data={"name": "x"}, files={"files": recording(300, 3)}).json()
        while client.get(f"/v1/jobs/{made['job']['id']}").json()["state"] in ("queued", "running"):
            time.sleep(0.05)
    return made["voice"]["id"]


def answers_again(host, voice):
    """Whether speech is spoken once the account's streams are free."""
    order = {"text": "好。", "voice": voice, "format": "pcm"}
    headers = {"Authorization": f"Bearer {host.key}"}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = httpx.post(f"{host.url}/v1/speech", json=order, headers=headers, timeout=60)
        if answer.status_code == 200:
            return True
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        time.sleep(0.2)
    return False


def test_listeners_that_never_read_do_not_speak_for_ever(host, voice):
    """Each would hold one of the engine's places, and all of them all."""
    body = json.dumps({"text": "字" * 4999, "voice": voice, "format": "wav"}).encode()
    with ExitStack() as stack:
        for _ in range(4):
            connection = stack.enter_context(closing(socket.socket()))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", host.port))
            head = host.head("POST", "/v1/speech", Content_Type="application/json", Content_Length=len(body))
            connection.sendall(head + body)
        assert answers_again(host, voice)


def test_sockets_that_never_read_do_not_speak_for_ever(host, voice):
    from websockets.sync.client import connect

    headers = {"Authorization": f"Bearer {host.key}"}
    with ExitStack() as stack:
        for _ in range(4):
            url = f"ws://127.0.0.1:{host.port}/v1/speech/live"
            ws = stack.enter_context(
                connect(url, additional_headers=headers, open_timeout=60, ping_interval=None, close_timeout=1)
            )
            ws.send(json.dumps({"type": "start", "voice": voice, "format": "wav"}))
            for _ in range(9):
                ws.send(json.dumps({"type": "text", "text": "字" * 4999}))
            ws.send(json.dumps({"type": "flush"}))
        assert answers_again(host, voice)
