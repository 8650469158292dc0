import json

from studio.browser import alone, npm
from yinse.app.document import openapi_document


def test_the_client_is_generated_from_what_the_service_serves(root):
    committed = json.loads((root / "studio" / "openapi.json").read_text("utf-8"))
    assert committed == openapi_document(), "run: yinse serve --openapi studio/openapi.json"


def test_types_style_and_logic_hold(studio_source):
    with alone(studio_source):
        npm(studio_source, "run", "check")
        npm(studio_source, "test")
