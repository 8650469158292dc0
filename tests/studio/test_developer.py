"""What is shown to developers runs as it is copied."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("playwright", reason="the pages need the package playwright")
pytest.importorskip("openai", reason="the examples need the package openai")
pytest.importorskip("elevenlabs", reason="the examples need the package elevenlabs")
from playwright.sync_api import expect

from studio.browser import path_with_node
from studio.steps import OURS, opened, settle

SOUND = {"hello.mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3"), "hello.wav": (b"RIFF",)}


@pytest.fixture
def page(browser, settled):
    yield from opened(browser, settled)


def run(command, folder, key):
    """Run an example; what it wrote."""
    env = {**os.environ, "YINSE_KEY": key, "PATH": path_with_node()}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done, {file.name: file.read_bytes() for file in folder.glob("hello.*")}


def test_examples_run_as_they_are_copied(page, tmp_path):
    settle(page)
    key = page.request.post("/v1/keys", data={"name": "a robot", "scopes": ["speech"]}, headers=OURS).json()
    page.goto("/developer")
    example = page.get_by_role("region", name="Example").locator("pre")
    voice = page.request.get("/v1/voices").json()["items"][0]["id"]
    expect(example).to_contain_text(voice)
    for name, command in (
        ("curl", ["bash", "-c"]),
        ("Python", [sys.executable, "-c"]),
        ("OpenAI client", [sys.executable, "-c"]),
        ("ElevenLabs client", [sys.executable, "-c"]),
        ("JavaScript", ["node", "--input-type=module", "--eval"]),
    ):
        page.get_by_role("radio", name=name, exact=True).click()
        folder = tmp_path / name
        folder.mkdir()
        done, written = run([*command, example.inner_text()], folder, key["key"])
        assert done.returncode == 0, done.stderr
        assert written, name
        assert all(audio.startswith(SOUND[file]) for file, audio in written.items()), name


def test_an_example_with_a_wrong_key_fails(page, tmp_path):
    settle(page)
    page.goto("/developer")
    example = page.get_by_role("region", name="Example").locator("pre")
    done, _ = run(["bash", "-c", example.inner_text()], tmp_path, "yk_of_nobody")
    assert done.returncode != 0
    assert "401" in done.stderr
