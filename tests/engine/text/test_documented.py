"""What docs/text.md says is so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from yinse.engine.text.frontend import TextFrontend

PAGE = (Path(__file__).parents[3] / "docs" / "text.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(auto|zh|en|ja)` \| `(.+?)` \| `(.+?)` \|$")


def rows(column: str) -> Iterator[tuple[str, str, str]]:
    """Language, text and result of every table whose last column has this heading."""
    heading = ""
    for line in PAGE.split("\n"):
        if line.startswith("| Language |"):
            heading = line.rstrip(" |").rpartition(" ")[2]
        elif heading == column and (match := _ROW.match(line)):
            yield match[1], match[2], match[3]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("language", "written", "spoken"), list(rows("Spoken")))
def test_what_is_written_is_spoken_so(language: str, written: str, spoken: str) -> None:
    assert " ".join(one.spoken for one in TextFrontend().analyse(written, language)) == spoken


@pytest.mark.parametrize(("language", "written", "reading"), list(rows("Read")))
def test_what_is_written_is_read_so(language: str, written: str, reading: str) -> None:
    utterances = TextFrontend().analyse(written, language)
    assert " ".join(unit.reading for one in utterances for unit in one.units) == reading


def test_the_page_has_tables_of_both_kinds() -> None:
    assert len(list(rows("Spoken"))) > 25
    assert len(list(rows("Read"))) > 6


def test_the_lexicon_of_the_page_loads_and_its_code_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (table,), (code,) = blocks("csv"), blocks("python")
    Path("words.csv").write_text(table, "utf-8")

    exec(compile(code, "docs/text.md", "exec"), {})


def test_every_tag_and_kind_that_the_page_names_is_known() -> None:
    from yinse.engine.text.directives import SAY_AS_KINDS

    assert all(f"`{kind}`" in PAGE for kind in SAY_AS_KINDS)
