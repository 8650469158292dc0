"""Every page, in both languages and both lights, wide and narrow: nothing for axe to say, nothing cut off."""

import pytest

pytest.importorskip("playwright", reason="the pages need the package playwright")

from playwright.sync_api import expect

from studio.browser import PASSWORD
from studio.steps import OURS, heard, opened, settle
from yinse.serving.fake import recording

PAGES = ("voices", "record", "speak", "history", "privacy", "developer", "operator")
CUT_OFF = """[...document.querySelectorAll('html, main, .sheet, .dialog, .desk')]
    .filter(part => part.scrollWidth > part.clientWidth + 1)
    .map(part => `cut off: ${part.outerHTML.slice(0, 80)}`)"""

LOW = """[...document.querySelectorAll('.button, .segment, .picker, .input, .check, .stars label, .tabs a, .links a')]
    .filter(part => part.offsetHeight > 0 && part.offsetHeight < 44)
    .map(part => `too low for a finger: ${part.outerHTML.slice(0, 120)}`)"""
BROKEN = """[...document.querySelectorAll('.rail-nav .wordmark > span, .rail-nav .row')]
    .filter(part => part.offsetHeight > (part.matches('.row') ? 50 : 30))
    .map(part => `more than one line: ${part.outerHTML.slice(0, 120)}`)"""
PHONE = 820


@pytest.fixture
def axe(studio_source):
    return (studio_source / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def faults(page, axe):
    expect(page.locator(".waiting")).to_have_count(0)
    page.evaluate(axe)
    # What React Aria announces stays in its region for a while, also when what it names is gone.
    found = page.evaluate("axe.run({ exclude: [['[data-live-announcer]']] })")["violations"]
    named = [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]
    checks = (CUT_OFF, LOW, BROKEN) if page.viewport_size["width"] <= PHONE else (CUT_OFF,)
    return named + [wrong for check in checks for wrong in page.evaluate(check)]


def in_use(page, voice):
    """What pages look like once somebody does something there; yields its name each time."""
    page.goto("/record")
    page.get_by_role("textbox").fill("me")
    page.locator("form [type=submit]").click()
    page.get_by_test_id("sentence").wait_for()
    yield "reading"
    page.goto(f"/speak?voice={voice}")
    page.get_by_role("textbox").fill("Good morning, world. 早上好。")
    page.keyboard.press("Control+Enter")
    page.get_by_role("radiogroup").wait_for()
    yield "speaking"
    page.goto("/history")
    page.get_by_role("article").first.get_by_role("button").first.click()
    page.get_by_role("radiogroup").wait_for()
    yield "listening"
    page.goto(f"/voices/{voice}")
    page.locator(".button.harm").last.click()
    page.get_by_role("dialog").wait_for()
    yield "deleting"
    page.goto("/developer")
    page.locator("main .button.primary").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("a robot")
    page.get_by_role("dialog").locator("[type=submit]").click()
    page.get_by_role("dialog").locator("pre").wait_for()
    yield "a key, shown once"


@pytest.mark.parametrize(("locale", "light", "width"), [("zh-CN", "light", 1280), ("en-US", "dark", 375)])
def test_pages_are_accessible_and_fit(browser, settled, axe, locale, light, width):
    context = browser.new_context(
        locale=locale,
        color_scheme=light,
        base_url=settled,
        viewport={"width": width, "height": 850},
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    said = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/sign-in")
    page.get_by_role("heading", level=1).wait_for()
    found = {"sign-in": faults(page, axe)}
    assert page.locator("html").get_attribute("lang") == ("zh-Hans" if locale == "zh-CN" else "en")
    assert page.locator("html").get_attribute("data-theme") == light
    settle(page)
    voice = page.request.get("/v1/voices").json()["items"][0]["id"]
    for name in (*PAGES, f"voices/{voice}"):
        page.goto(f"/{name}")
        page.get_by_role("heading", level=1).wait_for()
        found[name] = faults(page, axe)
    for name in in_use(page, voice):
        found[name] = faults(page, axe)
    context.close()
    assert not {name: wrong for name, wrong in found.items() if wrong}
    assert not said, "the console has something to say"


def test_everything_is_reached_by_keyboard(browser, settled):
    context = browser.new_context(locale="en-US", base_url=settled)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("radio", name="Sign in").click()
    page.get_by_label("Email").focus()
    page.keyboard.type("ann@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="My voices").wait_for()
    page.reload()
    page.get_by_role("heading", name="My voices").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    reached = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href')"))
    assert {f"/{name}" for name in PAGES} <= reached
    page.get_by_role("link", name="Privacy").first.press("Enter")
    page.get_by_role("heading", name="Privacy", level=1).wait_for()
    # A new page is where the keyboard goes on, and it is called by its name.
    expect(page.get_by_role("main", name="Privacy")).to_be_focused()
    context.close()


def consented(page, voice, *scopes):
    """Consent to uses of a voice; without the pages."""
    body = {"language": "en", "scopes": scopes}
    challenge = page.request.post("/v1/consents/challenges", data=body, headers=OURS).json()["id"]
    take = {"name": "take.wav", "mimeType": "audio/wav", "buffer": recording(220, 3)}
    path = f"/v1/voices/{voice}/consents?challenge_id={challenge}"
    assert page.request.post(path, multipart={"recording": take}, headers=OURS).json()["accepted"]


def test_what_happens_is_said_and_the_keyboard_is_not_lost(browser, settled):
    for page in opened(browser, settled):
        settle(page)
        voice = page.request.get("/v1/voices").json()["items"][0]["id"]
        consented(page, voice, "synthesis", "share")
        page.goto("/speak")
        page.get_by_label("Text to speak").fill("Good morning, world. " * 12)
        page.get_by_role("button", name="Speak", exact=True).press("Enter")
        heard(page, "Speaking.")
        stop = page.get_by_role("button", name="Stop")
        expect(stop).to_be_focused()
        page.get_by_role("radiogroup").wait_for()
        page.keyboard.press("Escape")
        heard(page, "Spoken: 15 seconds of sound.")
        expect(page.get_by_role("button", name="Speak", exact=True)).to_be_focused()
        page.get_by_role("button", name="I do not like it").press("Enter")
        page.get_by_label("What could be better?").press("Enter")
        expect(page.locator(".rating")).to_be_focused()
        page.goto(f"/voices/{voice}")
        page.get_by_role("button", name="Withdraw consent").press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Withdraw consent").press("Enter")
        heard(page, "Your consent is withdrawn.")
        expect(page.get_by_role("region", name="Consent")).to_be_focused()
        page.goto("/developer")
        page.get_by_role("button", name="New key").press("Enter")
        page.get_by_label("What is it for?").fill("a robot")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        heard(page, "Copy this key now.")
        page.mouse.click(5, 5)
        page.keyboard.press("Escape")
        page.evaluate(
            "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async () => {} } })"
        )
        dialog.get_by_role("button", name="Copy").press("Enter")
        heard(page, "Copied")
        expect(dialog.locator("pre")).to_be_visible()


HIDDEN_BY_TABS = """name => {
    const found = [...document.querySelectorAll('main button, main a')].filter(part => {
        part.focus();
        return part.getBoundingClientRect().bottom > document.querySelector('.tabs').getBoundingClientRect().top;
    });
    return found.map(part => part.textContent);
}"""
MOVING = """() => {
    document.querySelector('main').insertAdjacentHTML('beforeend',
        '<div class="waiting"><div></div></div><div class="bar"><div class="fill"></div></div>');
    return ['.waiting', '.waiting > div', '.bar .fill', '.button']
        .map(part => getComputedStyle(document.querySelector(part)))
        .filter(({ animationDuration, animationIterationCount, transitionDuration }) =>
            [...animationDuration.split(','), ...transitionDuration.split(',')].some(time => parseFloat(time) > 1e-4)
            || animationIterationCount !== '1').length;
}"""


def test_readers_have_it_still_large_and_in_their_own_colours(browser, settled):
    for page in opened(browser, settled):
        settle(page)
        voice = page.request.get("/v1/voices").json()["items"][0]["id"]
        page.emulate_media(reduced_motion="reduce", forced_colors="active")
        page.goto("/speak")
        expect(page.get_by_role("checkbox")).not_to_be_checked()
        expect(page.locator(".check svg")).to_be_hidden()  # forced colours would show a tick that nobody made
        page.locator(".check").click()
        expect(page.locator(".check svg")).to_be_visible()
        assert page.evaluate(MOVING) == 0
        page.set_viewport_size({"width": 600, "height": 450})  # 1200 by 900 at 200 %
        page.goto(f"/voices/{voice}")
        expect(page.get_by_role("button", name="Delete recording 1")).to_be_visible()
        assert page.evaluate(HIDDEN_BY_TABS) == []
