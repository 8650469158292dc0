"""Whoever has recorded nothing yet has voices to speak with, and sees that they are not theirs."""

import pytest

pytest.importorskip("playwright", reason="the pages need the package playwright")

from playwright.sync_api import expect

from studio.steps import opened, sign_up
from studio.test_feedback import looked_at
from studio.test_pages import axe, faults
from yinse.contracts.speech import Preset

__all__ = ["axe"]


@pytest.fixture(autouse=True)
def _shipped(monkeypatch):
    """The fake engine with presets, as the real one has them."""
    shipped = (
        Preset("mei", ("ja",), "CC BY, the synthetic voice mei", "good"),
        Preset("yue", ("zh",), "CC0, a reader", "good"),
    )
    monkeypatch.setattr("yinse.app.wiring.build_presets", lambda settings: shipped)


@pytest.fixture
def page(browser, house):
    yield from opened(browser, house)


def test_presets_are_offered_before_anything_is_recorded(page, axe):
    page.add_init_script("navigator.share = async (what) => { window.sent = what.url; }")
    sign_up(page)
    expect(page.get_by_role("heading", name="Presets")).to_be_visible()
    looked_at(page, "presets")
    assert faults(page, axe) == []
    page.get_by_role("link", name="mei", exact=True).click()
    expect(page.get_by_text("Source: CC BY, the synthetic voice mei")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    expect(page.get_by_role("button", name="Rename")).to_have_count(0)
    looked_at(page, "preset")
    assert faults(page, axe) == []
    page.get_by_role("link", name="Speak with it").click()
    expect(page.get_by_text("These are presets.")).to_be_visible()
    page.get_by_label("Text to speak").fill("Good morning.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Share a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    page.get_by_role("button", name="Send to someone").click()
    page.wait_for_function("link => window.sent === link", arg=link)
    looked_at(page, "preset-speaks")
    assert faults(page, axe) == []
    page.get_by_role("button", name="中文").first.click()
    page.get_by_role("link", name="我的声音").first.click()
    expect(page.get_by_role("heading", name="还没有声音")).to_be_visible()
    expect(page.get_by_role("heading", name="预置声音")).to_be_visible()
    page.set_viewport_size({"width": 375, "height": 850})
    looked_at(page, "presets-zh")
    assert faults(page, axe) == []
