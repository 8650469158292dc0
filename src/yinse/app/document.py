"""The OpenAPI document without a running service: what clients and the studio are generated from."""

import tempfile
from pathlib import Path
from typing import Any

from yinse.app.wiring import build_ports
from yinse.service.api import create_api
from yinse.serving.options import ServingOptions
from yinse.settings import Settings


def openapi_document() -> dict[str, Any]:
    """Describe every route."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), serving=ServingOptions(engine="fake"))
        return create_api(build_ports(settings)).openapi()
