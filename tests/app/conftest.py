from pathlib import Path

import pytest

from yinse.service.options import LimitOptions, ServiceOptions
from yinse.serving.options import ServingOptions
from yinse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    service = ServiceOptions(limits=LimitOptions(anonymous="10000/minute"), drain_seconds=2)
    return Settings(home=tmp_path / "home", serving=ServingOptions(engine="fake"), service=service)
