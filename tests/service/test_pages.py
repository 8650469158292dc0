"""What a person sees who opens an address that leads nowhere; programs get a problem document there."""

import pytest

from yinse.service.pages import page, refusal

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/v1/links/expired", "/s/nowhere"])
def test_a_person_is_told_in_words(house, path):
    answer = house.client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert '<a href="/">' in answer.text
    assert "已过期" in answer.text
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json, text/html", None])
def test_a_program_gets_a_problem_document(house, accept):
    answer = house.client.get("/v1/links/expired", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["status"] == 404


def test_what_a_browser_sends_is_answered_as_to_a_program(house):
    answer = house.client.post("/v1/sessions", headers=BROWSER, json={})
    assert answer.headers["content-type"] == "application/problem+json"


def test_headers_of_a_refusal_stay(house):
    answer = house.client.get("/v1/voices", headers=BROWSER)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_nothing_in_a_page_is_markup_but_its_own():
    told = refusal(404, "<b>", "<script>alert(1)</script>", '"><img>').body.decode()
    assert not any(tag in told for tag in ("<b>", "<script>", "<img>"))
    assert "<p>plain</p>" in page("x", "<p>plain</p>").body.decode()
