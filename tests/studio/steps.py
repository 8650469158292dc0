"""What a person does in the studio, step by step; two tests walk this way on different engines."""

import io
import re
from collections.abc import Iterator

import httpx
import soundfile
from playwright.sync_api import Browser, Page, expect

from studio.browser import PASSWORD
from yinse.serving.fake import recording

PATIENCE_MS = 60_000
"""How long a busy machine may take before a step counts as failed."""
expect.set_options(timeout=PATIENCE_MS)
LISTEN = """
window.said = [];
new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
        for (const node of [target, ...addedNodes]) {
            const region = (node instanceof Element ? node : node.parentElement)?.closest('[role=status]');
            if (region && !region.closest('[aria-hidden=true], [inert]')) said.push(region.textContent);
        }
    }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""Notes what a screen reader is told of: it does not stay, and whoever looks from outside may come too late."""
OURS = {"x-yinse-csrf": "1"}
"""What says that a request which no page sent is not another site's."""


def opened(browser: Browser, house: str) -> Iterator[Page]:
    """A window on the house; afterwards nothing may have broken in it, and no other host may have been asked."""
    context = browser.new_context(locale="en-US", base_url=house, viewport={"width": 1200, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.add_init_script(LISTEN)
    requested, broken = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
    yield page
    elsewhere = [url for url in requested if not re.match(rf"({house}/|blob:{house}/|data:)", url)]
    context.close()
    assert not broken, broken
    assert not elsewhere, "the studio asked another host"


def heard(page: Page, words: str) -> None:
    """Wait until a screen reader was told of this, since the page was loaded."""
    page.wait_for_function("words => said.some(told => told.includes(words))", arg=words)


def sign_up(page: Page) -> None:
    """Make an account; a new browser is shown the form for it."""
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("Email").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="No voice yet")).to_be_visible()


def words_told(page: Page, name: str) -> list[dict[str, object]]:
    """What the studio told of the words of a voice's first recording."""
    voices = page.request.get("/v1/voices").json()["items"]
    (voice_id,) = [voice["id"] for voice in voices if voice["name"] == name]
    words: list[dict[str, object]] = page.request.get(f"/v1/voices/{voice_id}/recordings").json()["items"][0][
        "words"
    ]
    return words


def second_sentence(page: Page) -> str:
    """What somebody who reads English is shown second, which is what `record` turns to."""
    return str(page.request.get("/v1/coach/sentences", params={"language": "en"}).json()["sentences"][1])


STOP_AT = """([unit, seconds]) => {
    const clock = document.querySelector('.dial button .number')?.textContent ?? '';
    const speech = /^(\\d+) s of clear/.exec(document.querySelector('.advice .number')?.textContent ?? '')?.[1];
    const [minutes, rest] = clock.split(':').map(Number);
    const reached = unit === 'speech' ? Number(speech) : 60 * minutes + rest;
    if (!(reached >= seconds)) return false;
    document.querySelector('.dial button').click();
    return true;
}"""
"""Stops the recording once that much was heard: within the page, where no busy machine comes between the two."""


def record(page: Page, name: str, seconds: int) -> None:
    """Read to the coach until it heard `seconds` of clear speech."""
    page.get_by_role("link", name="Record a voice").click()
    page.get_by_label("Name of the voice").fill(name)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_test_id("sentence")).not_to_be_empty()
    first = page.get_by_test_id("sentence").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("sentence")).not_to_have_text(first)
    page.get_by_role("button", name="Record", exact=True).click()
    meter = page.get_by_role("progressbar", name="A good minute")
    expect(meter).to_have_attribute("aria-valuenow", re.compile(r"[1-9]"))
    page.wait_for_function(STOP_AT, arg=["speech", seconds])
    expect(page.get_by_role("heading", name="Take 1")).to_be_visible()


def read_consent(page: Page, seconds: float) -> None:
    """Read the sentence that is shown for `seconds`."""
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.wait_for_function(STOP_AT, arg=["clock", seconds])


WATCH = """() => {
    window.lit = [];
    new MutationObserver(() => {
        const word = document.querySelector('.spoken.sounding .now')?.textContent;
        if (/\\w/.test(word ?? '') && word !== lit.at(-1)) lit.push(word);
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['class'] });
}"""
"""Notes each word that lights up: whoever looks from outside may come too late for one."""


def speak(page: Page, sentence: str) -> None:
    """Have a sentence spoken, and see its words light up one after the other while it is heard."""
    page.get_by_role("link", name="Let it speak").click()
    page.get_by_label("Text to speak").fill(sentence)
    page.evaluate(WATCH)
    page.keyboard.press("Control+Enter")
    heard(page, "Spoken:")
    words = re.findall(r"\w+", sentence)
    lit = [words.index(word) for word in page.evaluate("lit")]
    assert len(lit) > 1
    assert lit == sorted(lit)
    expect(page.get_by_text(re.compile(r"First sound after \d+ ms"))).to_be_visible()


def download(page: Page) -> tuple[float, float]:
    """Save what was spoken; its seconds and its peak. The file must know its own length."""
    with page.expect_download() as found:
        page.get_by_role("button", name="Download").click()
    audio = found.value.path().read_bytes()
    assert int.from_bytes(audio[4:8], "little") == len(audio) - 8, "the file does not know its length"
    samples, rate = soundfile.read(io.BytesIO(audio))
    return len(samples) / rate, float(abs(samples).max())


def share(page: Page) -> str:
    """Make a link that plays for whoever has it."""
    page.get_by_role("button", name="Share a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    assert httpx.get(link).content.startswith(b"RIFF")
    return link


def rate(page: Page) -> str:
    """Give two stars and say why; find both again in history. Returns the voice that spoke."""
    page.get_by_role("radio", name="2 of 5").click(force=True)
    page.get_by_label("What could be better?").fill("It hums.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. This helps improve the voice.").first).to_be_visible()
    page.get_by_role("link", name="History").first.click()
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("radio", name="2 of 5")).to_be_checked()
    kept = page.request.get("/v1/history").json()["items"][0]
    assert (kept["rating"], kept["rating_reason"]) == (2, "It hums.")
    return str(kept["voice_id"])


def delete(page: Page, voice: str, name: str, link: str) -> None:
    """Delete the voice, keep the receipt, and find its link dead."""
    page.goto(f"/voices/{voice}")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("Valid until")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name=f"{name} is deleted")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("button", name="Save the receipt").click()
    assert voice in found.value.path().read_text()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="No voice yet")).to_be_visible()
    assert httpx.get(link).status_code == 404


def settle(page: Page) -> None:
    """Sign in, with a voice that spoke; without the pages, which are not what is looked at."""
    page.request.post("/v1/sessions", data={"email": "ann@example.org", "password": PASSWORD})
    if page.request.get("/v1/voices").json()["items"]:
        return
    take = {"name": "take.wav", "mimeType": "audio/wav", "buffer": recording(220, 3)}
    made = page.request.post("/v1/voices", multipart={"name": "林遥", "files": take}, headers=OURS).json()
    page.request.get(f"/v1/jobs/{made['job']['id']}/events")
    order = {"text": "你好,世界。", "voice": made["voice"]["id"], "format": "wav"}
    assert page.request.post("/v1/speech", data=order, headers=OURS).ok
