"""Parts of files, as players ask for them."""

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st

from yinse.service.ranges import wanted


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-1", (0, 2)),
        ("bytes=0-", (0, 100)),
        ("bytes=40-59", (40, 60)),
        ("bytes=90-5000", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-5000", (0, 100)),
        ("bytes=99-", (99, 100)),
    ],
)
def test_one_part_is_found(header, part):
    assert wanted(header, 100) == part


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=0-1,5-6",
        "chars=0-1",
        "bytes=a-b",
        "bytes=٠-١",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_asks_for_nothing_that_we_know_gets_all_of_it(header):
    assert wanted(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0)])
def test_what_lies_beyond_the_file_is_refused(header, size):
    with pytest.raises(HTTPException) as refused:
        wanted(header, size)
    assert (refused.value.status_code, refused.value.headers["Content-Range"]) == (416, f"bytes */{size}")


@given(st.text(max_size=30), st.integers(0, 1000))
def test_nothing_that_is_sent_breaks_it(text, size):
    try:
        part = wanted("bytes=" + text, size)
    except HTTPException:
        return
    assert part is None or 0 <= part[0] < part[1] <= size


@pytest.fixture
def files(ann, voices):
    """A recording, and an utterance in WAV, whose header is written when it is fetched: (path, media type)."""
    voice = voices.ready(ann)
    spoken = ann.post("/v1/speech", json={"text": "字" * 60, "voice": voice, "format": "wav"})
    held = ann.get(f"/v1/voices/{voice}/recordings").json()["items"][0]["id"]
    return (
        f"/v1/history/{spoken.headers['yinse-generation-id']}/audio",
        f"/v1/voices/{voice}/recordings/{held}/audio",
    )


def test_parts_of_sealed_files_are_parts_of_the_whole(ann, files):
    for path in files:
        whole = ann.get(path)
        assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
        size = len(whole.content)
        assert size > 90_000
        for start, end in ((0, 2), (4, 8), (65_530, 65_550), (size - 10, size), (1, size)):
            part = ann.get(path, headers={"Range": f"bytes={start}-{end - 1}"})
            assert part.status_code == 206
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
            assert part.headers["content-length"] == str(end - start)
            assert part.content == whole.content[start:end]


def test_the_document_says_that_parts_are_answered(app):
    paths = ("/v1/history/{generation_id}/audio", "/v1/links/{token}")
    paths += ("/v1/voices/{voice_id}/recordings/{recording_id}/audio",)
    for path in paths:
        assert {"200", "206", "4XX"} <= app.openapi()["paths"][path]["get"]["responses"].keys()


def test_a_part_of_what_has_changed_is_not_mixed_with_what_was(ann, files):
    for path in files:
        tag = ann.get(path).headers["etag"]
        for given_tag, status in ((tag, 206), ('"another"', 200)):
            assert ann.get(path, headers={"Range": "bytes=0-1", "If-Range": given_tag}).status_code == status
        beyond = ann.get(path, headers={"Range": "bytes=999999999-"})
        assert (beyond.status_code, beyond.json()["code"]) == (416, "no_such_part")
        assert beyond.headers["content-range"].startswith("bytes */")
