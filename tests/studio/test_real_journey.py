"""The same way on the engine that ships: a real speaker is coached, consents, is cloned, speaks and is deleted."""

import pytest

pytest.importorskip("playwright", reason="the journey needs the package playwright")
from playwright.sync_api import expect

from studio import steps
from studio.browser import reading
from yinse.service.consents import phrases
from yinse.serving import coach
from yinse.serving.options import ServingOptions

pytestmark = [pytest.mark.weights, pytest.mark.speech]

NAME = "Bill by the window"
SENTENCE = "The weather is fine today, let us walk in the park."


@pytest.fixture(scope="module")
def microphone(tmp_path_factory, root, speech_data):
    """Plays one speaker's sentences, beginning with `microphone.text`; skips without weights."""
    if not (root / "weights" / "manifest.json").exists():
        pytest.skip("the weights of the base voice are not here")
    return reading(speech_data, tmp_path_factory.mktemp("microphone") / "reading.wav")


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"serving": ServingOptions()})


@pytest.fixture
def consenting():
    """Nobody lends this engine an ear: it hears by itself."""


@pytest.fixture
def page(browser, house):
    yield from steps.opened(browser, house)


def test_a_real_voice_from_the_first_word_to_the_receipt(page, microphone, monkeypatch):
    monkeypatch.setattr(coach, "_PATIENCE", 120.0)  # the models are still loading, however slowly
    steps.sign_up(page)
    steps.record(page, NAME, 15)
    heard = page.get_by_role("list", name="What we hear")
    for what in ("Background noise", "Second speaker"):
        expect(heard.get_by_role("listitem").filter(has_text=what)).to_be_visible()
    page.get_by_role("button", name="Create my voice").click()
    expect(page.get_by_role("heading", name=f"{NAME} is ready")).to_be_visible()
    page.get_by_role("button", name="Show the sentence").click()
    steps.read_consent(page, 6)
    expect(page.get_by_text("That did not match.")).to_be_visible()
    expect(page.get_by_text("What was read is not the sentence.")).to_be_visible()
    # A recording cannot read what it does not know, so the sentence is now one that it holds; the ear stays as it is.
    monkeypatch.setattr(phrases, "challenge", lambda *_: microphone.text)
    page.get_by_role("button", name="Try a new sentence").click()
    expect(page.get_by_test_id("challenge")).to_have_text(microphone.text)
    steps.read_consent(page, int(microphone.seconds) + 1)
    expect(page.get_by_text("Thank you. Your consent is on record").first).to_be_visible()
    steps.speak(page, SENTENCE)
    seconds, peak = steps.download(page)
    assert 1.5 < seconds < 12
    assert peak > 0.05
    link = steps.share(page)
    steps.delete(page, steps.rate(page), NAME, link)
