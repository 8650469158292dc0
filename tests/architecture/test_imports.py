"""The import contracts of pyproject.toml hold, and nobody pays for packages that he does not use."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HEAVY = {"av", "fastapi", "jieba", "lightning", "numpy", "pydantic", "pyopenjtalk", "scipy", "torch"}
"""Packages that take longer to import than the whole help screen may take."""

PLANTED = {
    "engine/models/planted.py": "import yinse.engine.synthesis",
    "engine/text/planted.py": "import yinse.engine.audio",
    "engine/planted_cli.py": "import yinse.cli",
    "engine/audio/planted.py": "import fastapi",
    "engine/models/planted_io.py": "import pathlib",
    "service/planted.py": "import torch",
    "content/planted.py": "import yinse.service",
    "unplanned.py": "import yinse.cli",
}
"""One violation for each rule: file -> what it must not import."""


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter in `cwd`, which it also imports from."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def lint(root: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """Check the package under `source` against the contracts of the checkout `root`."""
    call = f"lint_imports(config_filename={str(root / 'pyproject.toml')!r}, no_cache=True)"
    return python("-c", f"from importlinter.cli import lint_imports; raise SystemExit({call})", cwd=source)


def modules_after(code: str, root: Path) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running `code`."""
    script = f"{code}\nimport sys; print('\\n'.join({{name.split('.')[0] for name in sys.modules}}))"
    result = python("-c", script, cwd=root / "src")
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def imported_at_once(path: Path) -> Iterator[str]:
    """Top-level modules that a file needs to be imported itself."""
    for node in ast.parse(path.read_text("utf-8")).body:
        match node:
            case ast.Import(names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(str(module)):
                yield module.partition(".")[0]


def test_the_arrows_point_down(root):
    result = lint(root, root / "src")
    assert result.returncode == 0, result.stdout


def test_planted_violations_are_caught(root, tmp_path):
    shutil.copytree(root / "src" / "yinse", tmp_path / "yinse", ignore=shutil.ignore_patterns("data"))
    for name, line in PLANTED.items():
        (tmp_path / "yinse" / name).write_text(f'"""Planted."""\n\n{line}\n')
    result = lint(root, tmp_path)
    assert result.returncode == 1
    for name in PLANTED:
        assert "yinse." + name.removesuffix(".py").replace("/", ".") in result.stdout, result.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments, root):
    loaded = modules_after(f"from yinse.cli.main import run; assert run({arguments}) == 0", root)
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_packages_are_light_to_import(root):
    inits = sorted((root / "src").rglob("__init__.py"))
    names = [".".join(path.parent.relative_to(root / "src").parts) for path in inits]
    loaded = modules_after("\n".join(f"import {name}" for name in names), root)
    assert loaded.isdisjoint(HEAVY)


def test_every_test_is_collected_where_only_make_test_installed_packages(root):
    """What other extras bring is imported by the test that needs it, which is skipped without."""
    listed = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    extras = {name: {re.match(r"\w+", one)[0] for one in packages} for name, packages in listed.items()}
    installed = re.search(r"^EXTRAS \?= (.*)$", (root / "Makefile").read_text(), re.MULTILINE)[1].split(",")
    absent = set().union(*extras.values()) - set().union(*(extras[name] for name in installed))
    assert {"pystoi", "psycopg", "opentelemetry"} <= absent
    for path in (*root.glob("tests/**/*.py"), *root.glob("benchmarks/**/*.py")):
        assert absent.isdisjoint(imported_at_once(path)), path
