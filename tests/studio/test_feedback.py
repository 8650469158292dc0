"""From ratings to a better voice in the browser: what is advised, two versions compared, and the way back."""

import os
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="the pages need the package playwright")

from playwright.sync_api import expect

from studio.steps import OURS, opened, settle
from studio.test_pages import axe, faults

__all__ = ["axe"]


@pytest.fixture
def page(browser, settled):
    yield from opened(browser, settled)


def rated(page, voice, *stars):
    """Have something spoken for each, and rate it; the last job that follows of it has ended."""
    for star in stars:
        order = {"text": "今天天气真好。", "voice": voice, "format": "wav"}
        spoken = page.request.post("/v1/speech", data=order, headers=OURS)
        path = f"/v1/history/{spoken.headers['yinse-generation-id']}/rating"
        assert page.request.put(path, data={"rating": star, "thumb": 1 if star > 3 else -1}, headers=OURS).ok
    for job in page.request.get("/v1/jobs").json()["items"]:
        page.request.get(f"/v1/jobs/{job['id']}/events")


def looked_at(page, name):
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("YINSE_PICTURES"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_bad_ratings_lead_to_a_comparison_and_back(page, axe):
    settle(page)
    voice = page.request.get("/v1/voices").json()["items"][0]["id"]
    rated(page, voice, 2, 4, 1, 2, 1, 2)
    page.goto(f"/voices/{voice}")
    expect(page.get_by_text("A new version is waiting: hear both, then choose.")).to_be_visible()
    expect(page.get_by_text("Rated 2 of 5, by 6 ratings")).to_be_visible()
    looked_at(page, "feedback")
    assert faults(page, axe) == []
    page.get_by_role("button", name="Compare", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What they say")).to_have_value("今天天气真好。")
    dialog.get_by_role("button", name="Let both speak").click()
    for name in ("In use: version 1", "The other: version 2"):
        expect(dialog.get_by_role("slider", name=name)).to_be_visible()
    looked_at(page, "compare")
    assert faults(page, axe) == []
    dialog.get_by_role("button", name="Use the other one").press("Enter")
    expect(dialog).not_to_be_visible()
    expect(page.get_by_role("region", name="Likeness")).to_be_focused()
    first, second = page.get_by_role("listitem").filter(has_text="Version").all()
    expect(first.get_by_text("In use")).to_be_visible()
    second.get_by_role("button", name="Go back to this").press("Enter")
    expect(second.get_by_text("In use")).to_be_visible()
    expect(page.get_by_role("region", name="Likeness")).to_be_focused()


def test_advice_says_what_to_do_and_in_the_readers_language(page, axe):
    settle(page)
    voice = page.request.get("/v1/voices").json()["items"][0]["id"]
    page.goto(f"/voices/{voice}")
    expect(page.get_by_text("No ratings yet.")).to_be_visible()
    rated(page, voice, 1, 1, 1, 2, 2)
    candidate = page.request.get(f"/v1/voices/{voice}/versions").json()["items"][0]["id"]
    page.request.post(f"/v1/voices/{voice}/versions/{candidate}/dismiss", headers=OURS)
    page.reload()
    expect(page.get_by_text("Begin it under Likeness.")).to_be_visible()
    page.evaluate("localStorage.clear()")
    page.get_by_role("link", name="Speak", exact=True).first.click()
    page.get_by_label("Text to speak").fill("Good morning.")
    page.keyboard.press("Control+Enter")
    down = page.get_by_role("button", name="I do not like it")
    down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    page.get_by_label("What could be better?").fill("Too flat.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. This helps improve the voice.").first).to_be_visible()
    looked_at(page, "thumbs")
    assert faults(page, axe) == []
    kept = page.request.get("/v1/history").json()["items"][0]
    assert (kept["rating"], kept["thumb"], kept["rating_reason"]) == (None, -1, "Too flat.")
