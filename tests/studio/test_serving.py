from fastapi.testclient import TestClient

from yinse.app.api import create_app


def test_pages_of_the_studio_are_one_page_and_nothing_else_is(settings, built):
    with TestClient(create_app(settings, studio=built)) as client:
        for path in ("/", "/voices", "/voices/voice_1", "/sign-in", "/operator"):
            answer = client.get(path)
            assert "Yinse studio" in answer.text, path
            assert answer.headers["cache-control"] == "no-cache"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
        for path in ("/v1/nothing", "/assets/gone.js", "/wp-admin", "/voices/../../vault/root.json"):
            assert "Yinse studio" not in client.get(path).text, path
        assert client.get("/v1/nothing").headers["content-type"] == "application/problem+json"


def test_hashed_files_are_kept_and_pages_cannot_be_framed(settings, built):
    with TestClient(create_app(settings, studio=built)) as client:
        asset = client.get("/assets/index-abc123.js")
        assert "immutable" in asset.headers["cache-control"]
        assert "frame-ancestors 'none'" in asset.headers["content-security-policy"]


def test_without_a_built_studio_the_front_page_says_how_to_build_it(settings, tmp_path):
    with TestClient(create_app(settings, studio=tmp_path / "absent")) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "make studio" in page.text
        assert client.get("/voices").status_code == 404
        assert client.get("/healthz").json() == {"status": "ok"}
