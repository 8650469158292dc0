"""Every example of docs/integrators.md, as it stands there, against a service."""

import re
from pathlib import Path

import pytest

from yinse.service.principal import Scope
from yinse.serving.fake import recording

GUIDE = Path(__file__).parents[2] / "docs" / "integrators.md"
EXAMPLES = re.findall(r"## ([^\n]+)\n(?:(?!## ).)*?```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def environment(live, monkeypatch, tmp_path):
    (scopes,) = re.findall(r"keys create .*--scopes (\S+)", GUIDE.read_text("utf-8"))
    caller = live.caller("Integrator", scopes={Scope(scope) for scope in scopes.split(",")})
    path = tmp_path / "minute.wav"
    path.write_bytes(recording(300, 3))
    for name, value in (("URL", live.url), ("KEY", caller.key), ("RECORDING", str(path))):
        monkeypatch.setenv(f"YINSE_{name}", value)
    return caller


def run(source):
    exec(compile(source, str(GUIDE), "exec"), {})


def test_every_example_runs(environment):
    assert len(EXAMPLES) >= 9
    for title, source in EXAMPLES:
        try:
            run(source)
        except Exception as error:
            raise AssertionError(f"the example {title!r} broke") from error
