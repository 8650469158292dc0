"""The whole way of a voice in a real browser: record, coach, consent, enrol, speak, download, rate, delete."""

import pytest

pytest.importorskip("playwright", reason="the journey needs the package playwright")
from playwright.sync_api import expect

from studio import steps

NAME = "Ann by the window"
SENTENCE = "The weather is fine today, let us walk in the park."


@pytest.fixture
def page(browser, house):
    yield from steps.opened(browser, house)


def test_a_voice_from_the_first_word_to_the_receipt(page):
    steps.sign_up(page)
    steps.record(page, NAME, 2)
    page.get_by_role("button", name="Create my voice").click()
    page.get_by_role("button", name="Show the sentence").click()
    expect(page.get_by_test_id("challenge")).to_contain_text("I am the owner of this voice")
    steps.read_consent(page, 2)
    expect(page.get_by_text("Thank you. Your consent is on record").first).to_be_visible()
    expect(page.get_by_role("heading", name=f"{NAME} is ready")).to_be_visible()
    (line,) = steps.words_told(page, NAME)
    assert line == {"text": steps.second_sentence(page), "start": 0, "end": None}
    steps.speak(page, SENTENCE)
    seconds, peak = steps.download(page)
    assert seconds == pytest.approx(0.06 * len(SENTENCE), rel=0.05)
    assert peak > 0.1
    link = steps.share(page)
    steps.delete(page, steps.rate(page), NAME, link)


def test_recordings_are_not_left_behind_by_accident(page):
    steps.sign_up(page)
    steps.record(page, NAME, 2)
    page.get_by_role("link", name="History").first.click()
    expect(page.get_by_role("heading", name="Leave your recordings?")).to_be_visible()
    page.get_by_role("button", name="Stay here").click()
    expect(page.get_by_role("heading", name="Take 1")).to_be_visible()
    page.get_by_role("link", name="History").first.click()
    page.get_by_role("button", name="Leave", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
