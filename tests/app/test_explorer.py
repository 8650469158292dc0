"""`/docs` is whole without any other host: a page of this server alone, under a policy that lets nothing else in."""

import re
import socket
from importlib.util import find_spec

import pytest
from fastapi.testclient import TestClient

from studio.browser import FLAGS, chromium, running
from yinse.app.api import create_app, create_worker


def test_every_address_of_the_page_is_this_servers_own(settings):
    with TestClient(create_app(settings)) as client:
        page = client.get("/docs")
        policy = page.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "//" not in policy
        needed = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        needed += re.findall(r'url: "([^"]+)"', client.get("/docs/start.js").text)
        assert len(needed) == 5
        for address in needed:
            assert not re.match(r"[a-z]+://|//|/", address), f"{address} holds nowhere but here"
            assert address.startswith("data:") or client.get(f"/{address}").status_code == 200, address


def test_scripts_travel_compressed_and_are_asked_for_again_after_an_upgrade(settings):
    with TestClient(create_app(settings)) as client:
        script = client.get("/docs/assets/swagger-ui-bundle.js", headers={"accept-encoding": "gzip"})
        assert script.headers["content-encoding"] == "gzip"
        assert script.headers["cache-control"] == "no-cache"
        known = {"if-none-match": script.headers["etag"]}
        assert client.get("/docs/assets/swagger-ui-bundle.js", headers=known).status_code == 304


def test_a_worker_has_no_pages(settings):
    with TestClient(create_worker(settings)) as client:
        assert client.get("/docs").status_code == 404


@pytest.mark.skipif(
    chromium() is None or find_spec("playwright") is None, reason="no Chromium, or no package playwright"
)
def test_a_browser_draws_every_route_and_asks_nobody_else(settings):
    from playwright.sync_api import sync_playwright

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asked, complaints = [], []
    with running(settings, settings.home, port) as address, sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = opened.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/docs")
        page.get_by_role("button", name="Authorize").wait_for()
        page.locator("h3", has_text="speech").first.click()
        page.get_by_text("/v1/speech/jobs").first.wait_for()
        opened.close()
    assert complaints == []
    assert {url.removeprefix(address).partition("/")[0] for url in asked} == {""}
