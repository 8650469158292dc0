import os
import re
import signal
import subprocess
import sys

import httpx
from fastapi.testclient import TestClient

from yinse.app.api import create_app


def test_pages_of_the_studio_are_one_page_and_nothing_else_is(settings, built):
    with TestClient(create_app(settings, studio=built)) as client:
        for path in ("/", "/voices", "/voices/voice_1", "/sign-in", "/operator"):
            answer = client.get(path)
            assert "Yinse studio" in answer.text, path
            assert answer.headers["cache-control"] == "no-cache"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
        for path in ("/v1/nothing", "/assets/gone.js", "/wp-admin", "/voices/../../vault/root.json"):
            assert "Yinse studio" not in client.get(path).text, path
        assert client.get("/v1/nothing").headers["content-type"] == "application/problem+json"


def test_scripts_travel_compressed(settings, built):
    script = "export const words = 'one and the same';\n" * 200
    (built / "assets" / "index-abc123.js").write_text(script)
    with TestClient(create_app(settings, studio=built)) as client:
        packed = client.get("/assets/index-abc123.js", headers={"accept-encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(script) / 10
        assert packed.text == script
        assert "immutable" in packed.headers["cache-control"]
        plain = client.get("/assets/index-abc123.js", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers


def test_serving_says_its_address_when_it_answers_and_ends_well_with_an_interruption(built, tmp_path):
    command = [
        sys.executable,
        "-c",
        "from yinse.cli.main import main; main()",
        "serve",
        "--port",
        "0",
        "--studio",
        str(built),
    ]
    env = {**os.environ, "YINSE_HOME": str(tmp_path / "home"), "YINSE_SERVING__ENGINE": "fake"}
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        first = served.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert address, first
        assert "Yinse studio" in httpx.get(address[0]).text
        served.send_signal(signal.SIGINT)
        rest, errors = served.communicate(timeout=60)
    assert (served.returncode, rest) == (0, "Yinse has stopped.\n")
    assert "Traceback" not in errors


def test_hashed_files_are_kept_and_pages_cannot_be_framed(settings, built):
    with TestClient(create_app(settings, studio=built)) as client:
        asset = client.get("/assets/index-abc123.js")
        assert "immutable" in asset.headers["cache-control"]
        assert "frame-ancestors 'none'" in asset.headers["content-security-policy"]


def test_without_a_built_studio_the_front_page_says_how_to_build_it(settings, tmp_path):
    with TestClient(create_app(settings, studio=tmp_path / "absent")) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "make studio" in page.text
        assert client.get("/voices").status_code == 404
        assert client.get("/healthz").json() == {"status": "ok"}
