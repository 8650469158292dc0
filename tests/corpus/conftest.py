"""One tiny corpus for all tests that only read it."""

from pathlib import Path

import pytest

from tiny_corpus import annotate, make_store, write_source


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Tars and their manifest."""
    return write_source(tmp_path / "source")


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that is built, aligned and annotated; not to be written to."""
    folder = make_store(tmp_path_factory.mktemp("corpus"))
    annotate(folder)
    return folder
