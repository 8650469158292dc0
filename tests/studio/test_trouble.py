"""What is said when something is wrong, and how one goes on."""

import json
import re

import pytest

pytest.importorskip("playwright", reason="these pages need the package playwright")
from playwright.sync_api import expect

from studio import steps
from studio.browser import PASSWORD
from yinse.serving.fake import recording

PROBLEM = {
    "status": 500,
    "content_type": "application/problem+json",
    "json": {"title": "x", "status": 500, "detail": "y", "code": "error", "request_id": "req_1"},
}
SPENT = {
    **PROBLEM,
    "status": 429,
    "headers": {"retry-after": str(3 * 24 * 3600)},
    "json": {**PROBLEM["json"], "status": 429, "code": "quota_exceeded", "quota": "account"},
}
BUSY = {
    **SPENT,
    "headers": {"retry-after": "3"},
    "json": {**PROBLEM["json"], "status": 429, "code": "rate_limited"},
}
DENIED = (
    "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }"
)

HELD = """
window.held = { awake: 0, stream: null };
const listen = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => (held.stream = await listen(wish));
const lock = { request: async () => (held.awake++, { release: async () => { held.awake--; } }) };
Object.defineProperty(navigator, "wakeLock", { value: lock });
"""
UNHEARD = {
    "type": "report",
    "grade": "bad",
    "can_clone": False,
    "net_speech_s": 0,
    "progress": 0,
    "checks": [],
}


@pytest.fixture
def page(browser, settled):
    """A window in which errors of the network are expected, and no others."""
    context = browser.new_context(base_url=settled, locale="en-US")
    context.set_default_timeout(steps.PATIENCE_MS)
    page, broken = context.new_page(), []
    page.add_init_script(steps.LISTEN)
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert not broken


def test_a_page_that_could_not_be_fetched_is_fetched_again(page):
    steps.settle(page)
    page.route("**/v1/history*", lambda route: route.fulfill(**PROBLEM))
    page.goto("/history")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Something broke on our side.")
    expect(alert).to_contain_text("req_1")
    page.unroute("**/v1/history*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("你好,世界。")).to_be_visible()
    first = {**page.request.get("/v1/history").json(), "next": "more"}
    page.route("**/v1/history?*", lambda route: route.fulfill(json=first))
    page.route("**/v1/history?*before*", lambda route: route.fulfill(**PROBLEM))
    page.reload()
    page.get_by_role("button", name="Show older ones").click()
    expect(page.locator(".more").get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(1)
    page.unroute_all()
    page.route("**/v1/speech/lines", lambda route: route.abort())
    page.get_by_role("button", name="Speak again").click()
    page.get_by_role("button", name="Speak", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    page.unroute("**/v1/speech/lines")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text(re.compile("First sound after"))).to_be_visible()
    page.route("**/v1/speech/lines", lambda route: route.fulfill(**SPENT))
    page.get_by_label("Text to speak").press("Control+Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(re.compile(r"There are new ones on \w+ \d.* \(in 3 days\)\."))
    expect(alert.get_by_role("link", name="See what you used")).to_have_attribute("href", "/privacy")
    expect(alert.get_by_role("button", name="Try again")).to_have_count(0)  # it would be refused again
    page.route("**/v1/speech/lines", lambda route: route.fulfill(**BUSY))
    page.get_by_label("Text to speak").press("Control+Enter")
    expect(alert).to_contain_text("Too many attempts. Try again in 3 seconds.")
    expect(alert.get_by_role("button", name="Try again")).to_be_disabled()
    expect(alert.get_by_role("button", name="Try again")).to_be_enabled()


def test_a_page_that_is_slow_to_come_shows_that_it_comes(page):
    steps.settle(page)
    page.goto("/voices")
    held = []
    page.route("**/assets/HistoryPage*.js", lambda route: held.append(route))
    page.get_by_role("link", name="History").first.click()
    expect(page.get_by_role("main").get_by_role("status").filter(has_text="Loading")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("heading", name="History")).to_be_visible()


def test_figures_that_are_old_say_so_and_only_operators_see_them(page):
    steps.settle(page)
    page.goto("/operator")
    expect(page.get_by_role("region", name="Queue")).to_contain_text("Waiting0")
    page.route("**/v1/operator/overview", lambda route: route.fulfill(**PROBLEM))
    expect(page.get_by_text("What stands here is as of")).to_be_visible()
    expect(page.get_by_role("region", name="Queue")).to_be_visible()
    bob = {"email": "bob@example.org", "password": PASSWORD}
    assert page.request.post("/v1/accounts", data={**bob, "display_name": "Bob"}, headers=steps.OURS).ok
    assert page.request.post("/v1/sessions", data=bob, headers=steps.OURS).ok
    page.goto("/operator")
    expect(page.get_by_text("Only operators see this page.")).to_be_visible()
    expect(page.get_by_role("region")).to_have_count(0)


def sign_in_again(page, password=PASSWORD):
    dialog = page.get_by_role("dialog", name="You were signed out")
    dialog.get_by_label("Email").fill("ann@example.org")
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in", exact=True).click()


def test_whoever_was_signed_out_meanwhile_signs_in_and_goes_on_where_they_were(page):
    steps.settle(page)
    page.goto("/voices")
    page.get_by_role("heading", name="林遥").wait_for()
    page.context.clear_cookies()
    page.get_by_role("link", name="History").first.click()
    sign_in_again(page, "not the password")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("Email or password is wrong.")
    sign_in_again(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("你好,世界。")).to_be_visible()
    page.get_by_role("button", name="Delete from history").click()
    page.context.clear_cookies()
    sure = page.get_by_role("dialog", name="Delete this from your history?").get_by_role(
        "button", name="Delete"
    )
    sure.click()
    sign_in_again(page)
    sure.click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()


def test_what_another_window_deleted_is_gone_from_this_one(page):
    steps.settle(page)
    take = {"name": "take.wav", "mimeType": "audio/wav", "buffer": recording(330, 3)}
    body = {"name": "Ben", "language": "zh", "files": take}
    made = page.request.post("/v1/voices", multipart=body, headers=steps.OURS).json()
    page.request.get(f"/v1/jobs/{made['job']['id']}/events")
    voice = made["voice"]["id"]
    other = page.context.new_page()
    other.goto(f"/voices/{voice}")
    page.goto(f"/record/{voice}")
    expect(page.get_by_test_id("sentence")).to_have_attribute("lang", "zh")  # the voice's, not the page's
    page.goto(f"/speak?voice={voice}")
    page.get_by_label("Text to speak").fill("Good morning.")
    expect(other.get_by_role("heading", name="Ben")).to_be_visible()
    assert page.request.delete(f"/v1/voices/{voice}", headers=steps.OURS).ok
    page.get_by_role("button", name="Speak", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(
        "This voice was deleted, or is no longer shared with you."
    )
    expect(page.get_by_role("button", name="Choose a voice")).to_be_visible()
    expect(page.get_by_role("button", name="Speak", exact=True)).to_be_disabled()
    other.get_by_role("button", name="Pause").click()
    expect(other.get_by_text("There is no such voice, or it is not yours.")).to_be_visible()
    other.goto(f"/record/{voice}")
    expect(other.get_by_text("There is no such voice, or it is not yours.")).to_be_visible()


def test_whoever_comes_back_without_a_session_signs_in_first(page):
    page.goto("/privacy")
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.get_by_role("radio", name="Sign in").click()
    page.get_by_label("Email").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/privacy$"))


def test_what_was_written_outlives_a_lost_session_and_a_reload_but_not_signing_out(page):
    steps.settle(page)
    page.goto("/speak")
    text = page.get_by_label("Text to speak")
    text.fill("Good morning.")
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    sign_in_again(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(text).to_have_value("Good morning.")
    page.reload()
    expect(text).to_have_value("Good morning.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Sign out").click()
    steps.heard(page, "The service cannot be reached.")
    expect(text).to_have_value("Good morning.")
    page.get_by_role("link", name="Developer").first.click()
    expect(page.get_by_role("heading", name="This page did not arrive")).to_be_visible()
    expect(page).to_have_title("This page did not arrive · Yinse")
    page.context.set_offline(False)
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", name="Developer", level=1)).to_be_visible()
    page.goto("/speak")
    expect(text).to_have_value("Good morning.")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    steps.settle(page)
    page.goto("/speak")
    expect(text).to_have_value("")


def test_recordings_outlive_a_lost_session(page):
    steps.settle(page)
    page.goto("/voices")
    steps.record(page, "me", 2)
    page.context.clear_cookies()
    page.get_by_role("button", name="Create my voice").click()
    sign_in_again(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.route("**/v1/jobs/*/events", lambda route: route.fulfill(status=502))
    page.get_by_role("button", name="Create my voice").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The service cannot be reached.")
    page.unroute("**/v1/jobs/*/events")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="me is ready")).to_be_visible()
    page.get_by_role("button", name="Show the sentence").click()
    page.route("**/consents?*", lambda route: route.abort())
    steps.read_consent(page, 2)
    expect(alert).to_contain_text("The service cannot be reached.")
    page.unroute("**/consents?*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Thank you. Your consent is on record").first).to_be_visible()


def test_a_deaf_microphone_is_named_and_one_that_goes_away_loses_nothing(page):
    steps.settle(page)
    page.add_init_script(HELD)
    coaches = []

    def coach(socket):
        coaches.append(socket)
        socket.send(json.dumps(UNHEARD))

    page.route_web_socket("**/v1/coach*", coach)
    page.goto("/record")
    page.get_by_label("Name of the voice").fill("me")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("No voice is heard yet.")).to_be_visible()
    assert page.evaluate("held.awake") == 1, "a phone may fall asleep while somebody reads"
    coaches[0].close(code=1012, reason="restart")
    expect(page.get_by_text("Live tips are not available just now.")).to_be_visible()
    expect(page.get_by_text("of clear speech")).to_have_count(0)
    page.evaluate("held.stream.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.get_by_text("The microphone went away.")).to_be_visible()
    expect(page.get_by_role("heading", name="Take 1")).to_be_visible()
    assert page.evaluate("held.awake") == 0, "a phone is kept awake after the reading"
    expect(page.get_by_text("of clear speech")).to_have_count(0)
    second = {"name": "second.wav", "mimeType": "audio/wav", "buffer": recording(220, 90)}
    page.locator("input[type=file]").set_input_files(second)
    page.get_by_role("button", name="Play second.wav").click()
    expect(page.get_by_role("button", name="Pause second.wav")).to_be_visible()
    page.get_by_role("button", name="Play Take 1").click()
    expect(page.get_by_role("button", name="Play second.wav")).to_be_visible()  # one is heard at a time
    page.get_by_role("button", name="Discard").last.press("Enter")
    dialog = page.get_by_role("dialog", name="Discard second.wav?")
    dialog.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("heading", name="second.wav")).to_be_visible()
    page.get_by_role("button", name="Discard").last.press("Enter")
    dialog.get_by_role("button", name="Discard").press("Enter")
    expect(page.get_by_role("heading", name="second.wav")).to_have_count(0)
    expect(page.get_by_role("region", name="Listen to your recordings")).to_be_focused()


def test_what_is_missing_in_a_form_is_said_in_the_readers_language_and_goes_as_it_is_mended(page):
    page.goto("/sign-in")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Please fill this in.")).to_have_count(3)
    expect(page.get_by_label("Your name")).to_be_focused()
    page.get_by_label("Your name").fill("Ben")
    expect(page.get_by_text("Please fill this in.")).to_have_count(2)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_text("请填写这一项。")).to_have_count(2)


def test_only_the_doors_that_there_are_are_shown(page):
    doors = {"account": None, "sign_up": False, "provider": "the Community"}
    page.route("**/v1/entrance", lambda route: route.fulfill(json=doors))
    page.goto("/sign-in")
    provider = page.get_by_role("link", name="Continue with the Community")
    expect(provider).to_have_attribute("href", "/v1/oidc/login")
    expect(page.get_by_role("radio")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_without_a_microphone_there_is_still_a_way(page):
    steps.settle(page)
    page.add_init_script(DENIED)
    page.goto("/record")
    page.get_by_label("Name of the voice").fill("  ")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Please fill this in.")).to_be_visible()
    page.get_by_label("Name of the voice").fill("me")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The browser may not use the microphone.")
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Upload a recording").click()
    chosen.value.set_files({"name": "me.mp3", "mimeType": "audio/mpeg", "buffer": b"this is no recording"})
    expect(page.get_by_text("No preview of this file.")).to_be_visible()
    page.get_by_role("button", name="Create my voice").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("me.mp3: We cannot read this file.")
    good = {"name": "good.wav", "mimeType": "audio/wav", "buffer": recording(220, 3)}
    broken = {**good, "name": "broken.wav", "buffer": b"RIFF0000WAVEjunk" + bytes(100)}
    silent = {**good, "name": "silent.wav", "buffer": recording(0, 3)}
    page.locator("input[type=file]").set_input_files([good, broken, silent])
    page.get_by_role("button", name="Discard").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Create my voice").click()
    expect(alert).to_contain_text("broken.wav: This file cannot be read as a recording.")
    page.get_by_role("button", name="Go on without it").click()
    page.get_by_role("dialog", name="Delete broken.wav?").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="me is ready")).to_be_visible()
    expect(page.get_by_role("heading", name="Not used: silent.wav")).to_be_visible()
