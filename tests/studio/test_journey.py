"""The whole way of a voice in a real browser: record, coach, consent, enrol, speak, download, rate, delete."""

import io
import re

import httpx
import pytest
import soundfile

pytest.importorskip("playwright", reason="the journey needs the package playwright")
from playwright.sync_api import expect

SENTENCE = "The weather is fine today, let us walk in the park."


@pytest.fixture
def page(browser, house):
    context = browser.new_context(locale="en-US", base_url=house, viewport={"width": 1200, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    requested, broken = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    elsewhere = [url for url in requested if not re.match(rf"({house}/|blob:{house}/|data:)", url)]
    context.close()
    assert not broken
    assert not elsewhere, "the studio asked another host"


@pytest.fixture(autouse=True)
def patient():
    expect.set_options(timeout=60_000)


def sign_up(page):
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("Email").fill("ann@example.org")
    page.get_by_label("Password").fill("a quiet room, a good minute")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="No voice yet")).to_be_visible()


def record_with_the_coach(page):
    page.get_by_role("link", name="Record a voice").click()
    page.get_by_label("Name of the voice").fill("Ann by the window")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_test_id("sentence")).to_have_text("The weather is fine today.")
    page.get_by_role("button", name="Next sentence").click()
    expect(page.get_by_test_id("sentence")).to_have_text("Let us walk in the park.")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text(re.compile(r"^[2-9] s of clear speech$"))).to_be_visible()
    expect(page.get_by_role("progressbar", name="A good minute")).to_have_attribute(
        "aria-valuenow", re.compile(r"[1-9]")
    )
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Take 1")).to_be_visible()
    page.get_by_role("button", name="Create my voice").click()


def consent(page):
    page.get_by_role("button", name="Show the sentence").click()
    expect(page.get_by_test_id("challenge")).to_contain_text("I am the owner of this voice")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("button", name=re.compile(r"Stop\s*0:0[2-9]"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Thank you. Your consent is on record")).to_be_visible()
    expect(page.get_by_role("heading", name="Ann by the window is ready")).to_be_visible()


def speak(page):
    page.get_by_role("link", name="Let it speak").click()
    page.get_by_label("Text to speak").fill(SENTENCE)
    page.get_by_role("button", name="Speak", exact=True).click()
    lit = page.get_by_test_id("spoken").locator(".now")
    expect(lit.first).to_be_visible()
    first = lit.first.inner_text()
    page.wait_for_function(
        "first => document.querySelector('.spoken .now')?.textContent !== first", arg=first
    )
    expect(page.get_by_text(re.compile(r"First sound after \d+ ms"))).to_be_visible()


def download(page):
    with page.expect_download() as found:
        page.get_by_role("button", name="Download").click()
    audio = found.value.path().read_bytes()
    samples, rate = soundfile.read(io.BytesIO(audio))
    assert int.from_bytes(audio[4:8], "little") == len(audio) - 8, "the file does not know its length"
    assert len(samples) / rate == pytest.approx(0.06 * len(SENTENCE), rel=0.05)
    assert abs(samples).max() > 0.1


def share(page):
    page.get_by_role("button", name="Share a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    assert httpx.get(link).content.startswith(b"RIFF")
    return link


def rate(page):
    page.get_by_role("radio", name="2 of 5").click(force=True)
    page.get_by_label("What could be better?").fill("It hums.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. This helps improve the voice.").first).to_be_visible()
    page.get_by_role("link", name="History").first.click()
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("radio", name="2 of 5")).to_be_checked()
    kept = page.request.get("/v1/history").json()["items"][0]
    assert (kept["rating"], kept["rating_reason"]) == (2, "It hums.")
    return kept["voice_id"]


def delete(page, voice, link):
    page.goto(f"/voices/{voice}")
    expect(page.get_by_role("heading", name="Ann by the window")).to_be_visible()
    expect(page.get_by_text("Valid until")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Ann by the window is deleted")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("button", name="Save the receipt").click()
    assert voice in found.value.path().read_text()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="No voice yet")).to_be_visible()
    assert httpx.get(link).status_code == 404


def test_a_voice_from_the_first_word_to_the_receipt(page):
    sign_up(page)
    record_with_the_coach(page)
    consent(page)
    speak(page)
    download(page)
    link = share(page)
    delete(page, rate(page), link)
