"""What every tracked file owes a reader who has only the repository."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|farm|home/\w+|Users/\w+)/")
"""Absolute paths that exist on one machine only."""


def tracked(root: Path) -> list[Path]:
    """Files that git tracks and that still exist."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    return [path for name in listing.decode().split("\0") if name and (path := root / name).is_file()]


def lines_of(path: Path) -> list[str]:
    """Lines of a text file; none for a binary one."""
    content = path.read_bytes()
    return [] if b"\0" in content else content.decode("utf-8").splitlines()


def test_no_tracked_file_names_a_path_of_a_machine(root):
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in tracked(root)
        for number, line in enumerate(lines_of(path), 1)
        if MACHINE_PATH.search(line) or f"{root}/" in line
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["/ho" + "me/ann/x", "see /wo" + "rk/main/x", "/Us" + "ers/ann/x"])
def test_the_pattern_sees_such_paths(path):
    assert MACHINE_PATH.search(path)


@pytest.mark.parametrize("path", ["../shared/data", "src/ho" + "me/ann/x", "https://example.org/v1/home"])
def test_the_pattern_leaves_others_alone(path):
    assert not MACHINE_PATH.search(path)


def inits(root: Path) -> list[Path]:
    return sorted([*(root / "src").rglob("__init__.py"), *(root / "benchmarks").rglob("__init__.py")])


def test_every_package_opens_with_one_sentence(root):
    wrong = []
    for path in inits(root):
        opening = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        first = opening.split("\n\n")[0]
        if not re.fullmatch(r"\S.*[^.]\.", first):
            wrong.append(f"{path.relative_to(root)}: {first!r}")
    assert not wrong, "\n".join(wrong)


def test_no_large_file_but_the_weights(root):
    large = [
        str(path.relative_to(root))
        for path in tracked(root)
        if path.stat().st_size > 2_000_000 and path.relative_to(root).parts[0] != "weights"
    ]
    assert not large, large
