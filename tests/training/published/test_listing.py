from pathlib import Path

import pytest

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.training.published.listing import read_folder, read_list


def recordings(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"sound")


def test_lines_are_read_wherever_recordings_lie(tmp_path: Path) -> None:
    recordings(tmp_path / "wavs", "a.wav", "b.wav")
    text = f"\ufeff{tmp_path}/wavs/a.wav|me|ZH|你好。\n\nD:\\old\\b.wav|me|JP|こんにちは | と。\n"
    (tmp_path / "my.list").write_text(text, "utf-8")
    listing = read_list(tmp_path / "my.list", tmp_path / "wavs")
    assert [(one.number, one.name, one.language, one.text) for one in listing.lines] == [
        (1, "a.wav", "zh", "你好。"),
        (3, "b.wav", "ja", "こんにちは | と。"),
    ]
    assert listing.report() == "2 of 2 recordings can be used."


def test_every_bad_line_is_named_with_its_reason(tmp_path: Path) -> None:
    recordings(tmp_path, "a.wav")
    lines = [
        b"a.wav|me|en|Good.",
        b"only|three|fields",
        b"gone.wav|me|en|Hello.",
        b"a.wav|me|fr|Bonjour.",
        b"a.wav|me|KO|hello",
        b"a.wav|me|en| ",
        b"a.wav|me|en|Again.",
        b"\xff\xfe|me|en|x",
        b"Text and path were mistaken for each other. " * 8 + b"|me|en|a.wav",
    ]
    (tmp_path / "my.list").write_bytes(b"\n".join(lines))
    listing = read_list(tmp_path / "my.list")
    assert [one.text for one in listing.lines] == ["Good."]
    assert listing.report().splitlines()[:-1] == [
        "1 of 9 recordings can be used.",
        "line 2: it has 3 fields of 4 (path|speaker|language|text)",
        "line 3: there is no recording 'gone.wav'",
        "line 4: 'fr' is no language; there are zh, en, ja, jp",
        "line 5: Korean cannot be read yet",
        "line 6: it has no text",
        "line 7: line 1 also has a recording called 'a.wav'",
        "line 8: it is not UTF-8 text",
    ]
    assert listing.problems[-1].reason.startswith("there is no recording 'Text and path")


def test_a_list_without_a_usable_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my.list").write_text("gone.wav|me|en|Hello.")
    with pytest.raises(InvalidInput, match=r"line 1: there is no recording 'gone\.wav'"):
        read_list(tmp_path / "my.list")
    with pytest.raises(NotFound, match=r"other\.list"):
        read_list(tmp_path / "other.list")


def test_a_folder_takes_texts_beside_recordings(tmp_path: Path) -> None:
    recordings(tmp_path, "a.wav", "b.FLAC", "c.mp3", "notes.md")
    (tmp_path / "a.txt").write_text("One\n two.")
    (tmp_path / "b.lab").write_text("Three.")
    listing = read_folder(tmp_path, "en")
    assert [(one.name, one.text) for one in listing.lines] == [("a.wav", "One two."), ("b.FLAC", "Three.")]
    assert [one.reason for one in listing.problems] == ["'c.mp3' has no text beside it (c.txt)"]
    with pytest.raises(NotFound):
        read_folder(tmp_path / "none", "en")
