"""What somebody does with an account: rename, share, take everything along, delete everything, sign out."""

import io
import json
import re
import zipfile

import pytest

pytest.importorskip("playwright", reason="these pages need the package playwright")
from playwright.sync_api import expect

from studio import steps
from studio.test_pages import consented


@pytest.fixture
def page(browser, settled):
    for page in steps.opened(browser, settled):
        steps.settle(page)
        yield page


def test_a_voice_is_renamed_and_its_sharing_waits_for_consent(page):
    page.goto("/voices")
    page.get_by_role("link", name="林遥", exact=True).click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the voice").fill("林遥，清晨")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="林遥，清晨")).to_be_visible()
    expect(page).to_have_title("林遥，清晨 · Yinse")
    steps.heard(page, "Saved.")
    page.goto("/history")
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("slider")).to_be_enabled()  # nothing moves any more under the pointer
    page.get_by_role("button", name="Share a link").click()
    page.get_by_role("link", name="Give consent").click()
    expect(page).to_have_url(re.compile("#consent$"))
    expect(page.get_by_role("button", name="Read the sentence")).to_be_in_viewport()
    shares = page.get_by_role("region", name="Shared with")
    expect(shares).to_contain_text("Sharing needs the speaker's consent.")
    consented(page, page.request.get("/v1/voices").json()["items"][0]["id"], "synthesis")
    page.reload()
    expect(page.get_by_text("This does not cover sharing yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Read the sentence")).to_be_visible()
    expect(shares.get_by_role("button")).to_have_count(0)


HELD_BACK = """
const ask = window.fetch;
window.fetch = async (...order) => {
    const answer = await ask(...order);
    if (!String(order[0]).endsWith("/v1/speech/lines")) return answer;
    let bytes = 0;
    const held = new TransformStream({ async transform(piece, out) {
        for (let at = 0; at < piece.length; at += 10000) {
            if (bytes > 200000) await new Promise((go) => (window.release = go));
            if (bytes > 200000) bytes = -Infinity;
            bytes += 10000;
            out.enqueue(piece.slice(at, at + 10000));
        }
    } });
    return new Response(answer.body.pipeThrough(held), answer);
};
"""
"""Lets about three seconds of what is spoken come, and the rest when `release` is called."""


def test_what_has_arrived_is_sought_while_the_rest_still_arrives(page):
    page.add_init_script(HELD_BACK)
    page.goto("/speak")
    page.get_by_label("Text to speak").fill("Good morning, world. " * 12)
    page.get_by_role("button", name="Speak", exact=True).press("Enter")
    page.wait_for_function("() => Boolean(window.release)")
    page.get_by_role("button", name="Pause 林遥").press("Enter")
    seek = page.get_by_role("slider", name="Position in 林遥")
    seek.press("Home")
    expect(seek).to_have_value("0")
    seek.press("ArrowRight")
    seek.press("ArrowRight")
    expect(seek).to_have_value("2")
    expect(page.locator(".spoken .now")).to_have_text(",")
    seek.press("End")
    expect(seek).to_have_value(re.compile(r"^3"))  # of fifteen seconds, what is there
    box = seek.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 15, box["y"] + box["height"] / 2)
    expect(seek).to_have_value(re.compile(r"^(0\.[7-9]|1)"))
    page.get_by_role("button", name="Play 林遥").press("Enter")
    expect(seek).to_have_value(re.compile(r"^[23]"))
    page.evaluate("release()")
    page.get_by_role("radiogroup").wait_for()
    page.keyboard.press("Escape")
    steps.heard(page, "Spoken: 15 seconds of sound.")


def test_a_waveform_is_sought_by_keyboard(page):
    page.goto("/history")
    page.get_by_role("button", name="Listen").click()
    seek = page.get_by_role("slider", name="Position in 林遥")
    at_the_end = re.compile(r"^0\.[3-9]")
    # It plays by itself once it is there; what plays on cannot be looked at.
    expect(seek).to_have_value(at_the_end)
    expect(page.get_by_role("button", name="Play 林遥")).to_be_visible()
    seek.press("Home")
    expect(seek).to_have_value("0")
    seek.press("End")
    expect(seek).to_have_value(at_the_end)


def test_the_keyboard_goes_on_in_the_list_that_something_was_deleted_from(page):
    page.goto("/history")
    page.get_by_role("button", name="Delete from history").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    expect(page.get_by_role("list", name="History")).to_be_focused()
    steps.heard(page, "Deleted.")


def test_everything_is_taken_along_and_then_deleted(page):
    page.goto("/privacy")
    with page.expect_download() as found:
        page.get_by_role("button", name="Export everything").click()
    archive = zipfile.ZipFile(io.BytesIO(found.value.path().read_bytes()))
    account = json.loads(archive.read("account.json"))
    assert [voice["name"] for voice in account["voices"]] == ["林遥"]
    assert [item["text"] for item in account["history"]] == ["你好,世界。"]
    kinds = sorted(name.split("/")[0] for name in archive.namelist())
    assert kinds == ["account.json", "recordings", "utterances"]
    assert all(archive.read(name)[:4] == b"RIFF" for name in archive.namelist() if "/" in name)
    page.get_by_role("button", name="Delete everything").click()
    sure = page.get_by_role("dialog").get_by_role("button", name="Delete everything")
    expect(sure).to_be_disabled()
    page.get_by_label("Type “delete” to go on").fill("delete")
    sure.click()
    expect(page.get_by_text("Nothing of yours can be read any more.")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    assert page.request.get("/v1/entrance").json()["account"] is None


def test_whoever_signs_out_is_out(page):
    page.goto("/voices")
    expect(page.get_by_role("link", name="林遥", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/sign-in$"))
    assert page.request.get("/v1/entrance").json()["account"] is None
