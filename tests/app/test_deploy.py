"""What `deploy/` says is what the program takes: settings, commands, packages, paths; and what operators are told to type."""

import re
import shlex
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import click
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic import BaseModel
from sqlalchemy.engine import make_url

from yinse.cli.main import cli
from yinse.settings import Settings

ENV = {
    "YINSE_SECRET": "mXk7qZ" * 8,
    "YINSE_PUBLIC_URL": "https://voice.example.org",
    "POSTGRES_PASSWORD": "abc123",
    "KEYS_PASSWORD": "def456",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "hidden",
}
"""What `.env` holds, as deploy/README.md lists it."""
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
OUTSIDE_SETTINGS = {"YINSE_HOME", "YINSE_WEIGHTS", "YINSE_STUDIO", "YINSE_S3_SERVER", "YINSE_SUBNET"}
"""Read without `Settings`, or by compose alone."""


def filled(text):
    def one(found):
        name, kind, rest = found.groups()
        if name in ENV:
            return ENV[name]
        assert kind == "-", f"{name} has no default and is not in deploy/README.md"
        return rest

    return VARIABLE.sub(one, text)


@pytest.fixture(scope="module")
def compose(root):
    return yaml.safe_load(filled((root / "deploy" / "compose.yaml").read_text("utf-8")))


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def recipe(root):
    return (root / "deploy" / "Dockerfile").read_text("utf-8")


def houses(services):
    """The services that are this program, by name."""
    return {name: one for name, one in services.items() if "build" in one}


def test_every_setting_is_one_that_the_program_knows(services, monkeypatch, tmp_path):
    found = houses(services)
    assert set(found) == {"yinse", "worker"}
    for one in found.values():
        with monkeypatch.context() as patch:
            for name, value in one["environment"].items():
                patch.setenv(name, value)
            patch.setenv("YINSE_HOME", str(tmp_path))
            settings = Settings()
        settings.prepare()
        assert settings.service.environment == "production"
        assert settings.service.s3.bucket == "voices"
        assert settings.service.drain_seconds + 10 <= int(one["stop_grace_period"].removesuffix("s"))
        assert settings.vault.source == "file", "a root key in the environment cannot be rotated"


def test_both_halves_are_set_up_alike(services):
    one, other = (dict(services[name]) for name in ("yinse", "worker"))
    differ = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    assert differ == {"command", "environment", "networks", "ports"}
    extra = set(other["environment"].items()) ^ set(one["environment"].items())
    assert {name for name, _ in extra} == {"YINSE_SERVING__PROCESSES"}


def test_nothing_is_written_but_where_something_is_mounted(services, recipe):
    for one in houses(services).values():
        assert (one["read_only"], one["init"], one["cap_drop"]) == (True, True, ["ALL"])
        assert "no-new-privileges:true" in one["security_opt"]
        assert one["volumes"] == ["vault:/var/lib/yinse/vault"]
        assert one["shm_size"] == "1gb", "adaptation works in /dev/shm; Docker gives it 64 MB"
    assert "YINSE_HOME=/var/lib/yinse" in recipe
    assert re.search(r"install -d -o yinse -g yinse -m 0700 .*/var/lib/yinse/vault", recipe)


def test_it_talks_to_services_that_are_there_and_waits_for_their_health(services, compose):
    one = services["yinse"]["environment"]
    needed = set()
    for name, password in (("DATABASE_URL", "database"), ("KEYS_URL", "keys")):
        url = make_url(one[f"YINSE_SERVICE__{name}"])
        needed.add(url.host)
        server = services[url.host]["environment"]
        assert (url.username, url.password, url.database) == (
            server["POSTGRES_USER"],
            server["POSTGRES_PASSWORD"],
            server["POSTGRES_DB"],
        ), password
    store = re.fullmatch(r"http://(\w+):(\d+)", one["YINSE_SERVICE__S3__ENDPOINT"])
    objects = services[store[1]]
    assert f"127.0.0.1:{store[2]}/" in objects["healthcheck"]["test"][-1]
    assert objects["environment"] == {
        "AWS_ACCESS_KEY_ID": one["YINSE_SERVICE__S3__ACCESS_KEY"],
        "AWS_SECRET_ACCESS_KEY": one["YINSE_SERVICE__S3__SECRET_KEY"],
        "S3_BUCKET": one["YINSE_SERVICE__S3__BUCKET"],
    }
    needed.add(store[1])
    for house in houses(services).values():
        assert house["depends_on"] == {key: {"condition": "service_healthy"} for key in needed}
        assert "inside" in house["networks"]
    for name in needed:
        assert services[name]["healthcheck"]["test"]
        assert services[name]["networks"] == ["inside"]
        assert "ports" not in services[name]
    mounted = {volume.split(":")[0] for one in services.values() for volume in one["volumes"]}
    assert mounted == set(compose["volumes"])


def test_every_image_is_pinned(services, recipe):
    for name, one in services.items():
        if "build" not in one:
            assert re.fullmatch(r"[\w/.-]+:[\w.-]+(@sha256:[0-9a-f]{64})?", one["image"]), name
            assert not one["image"].endswith(":latest")
    assert re.search(r"^ARG BASE=python:3\.\d+-slim-\w+$", recipe, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", recipe, re.MULTILINE)) == {"${BASE}"}


def test_its_commands_are_ours_and_listen_where_they_are_asked(services, recipe):
    asked = re.search(r"urlopen\('http://127\.0\.0\.1:(\d+)/healthz'", recipe)[1]
    started = {name: one["command"] for name, one in houses(services).items()}
    started["image"] = yaml.safe_load(re.search(r"^CMD (.*)$", recipe, re.MULTILINE)[1])
    for name, (program, verb, *options) in started.items():
        assert program == "yinse"
        context = parsed([verb, *options])
        assert str(context.params["port"] or 8700) == asked, name
        assert context.params["host"] == "0.0.0.0"
    assert services["yinse"]["ports"] == [f"127.0.0.1:{asked}:{asked}"]
    assert parsed(started["worker"][1:]).params["only_worker"]
    assert parsed(started["yinse"][1:]).params["no_worker"]


def test_the_image_has_what_its_settings_need(root, services, recipe):
    extras = set(re.search(r'"\.\[([\w,]+)\]"', recipe)[1].split(","))
    known = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert extras <= set(known)
    packages = " ".join(package for extra in extras for package in known[extra])
    driver = make_url(services["yinse"]["environment"]["YINSE_SERVICE__DATABASE_URL"]).get_driver_name()
    for needed in (driver, "lightning", "obstore", "opentelemetry-sdk"):
        assert needed in packages, needed
    for tool in ("pytest", "ruff", "mypy", "nodejs"):
        assert tool not in packages, tool


def test_every_package_of_the_image_is_pinned(root, recipe):
    """All that the extras bring with them, as far as it is installed here."""
    lines = (root / "constraints.txt").read_text("utf-8").split()
    pins = {canonicalize_name(line.partition("==")[0]) for line in lines} | {
        "setuptools"
    }  # never frozen by pip
    extras = set(re.search(r'"\.\[([\w,]+)\]"', recipe)[1].split(","))
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in extras for one in project["optional-dependencies"][extra]),
    ]
    waiting, seen = [Requirement(one) for one in asked], set()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if (name, frozenset(one.extras)) in seen:
            continue
        seen.add((name, frozenset(one.extras)))
        assert name in pins, name
        try:
            brought = requires(name) or []
        except PackageNotFoundError:
            continue
        for text in brought:
            more = Requirement(text)
            if more.marker is None or any(more.marker.evaluate({"extra": e}) for e in {"", *one.extras}):
                waiting.append(more)
    assert len(seen) > 50


def test_only_what_is_copied_goes_to_the_builder(root, recipe):
    """Neither secrets in `.env` nor tests nor history reach the image, and everything that it copies exists."""
    copied = set()
    for line in re.findall(r"^COPY (?!--from)(.*)$", recipe, re.MULTILINE):
        copied |= set(line.split()[:-1])
    for path in copied:
        assert (root / path).exists(), path
    rules = [
        line for line in (root / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"
    ]
    assert rules[0] == "*"
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    assert sent == {path.split("/")[0] for path in copied}
    assert "**/.env*" in rules
    assert not re.search(r"^(ENV|ARG).*(SECRET|PASSWORD|KEY)", recipe, re.MULTILINE)
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", recipe, re.MULTILINE), "not root, and by number"


OPERATORS_READ = ("deploy/README.md", "docs/operations.md")
SETTING = re.compile(r"\bYINSE_[A-Z0-9_]*[A-Z0-9]\b")
COMMAND = re.compile(r"(?<![\w/.-])yinse (?!yinse )([a-z][^`\n|)]*)")


@pytest.mark.parametrize("page", OPERATORS_READ)
def test_every_setting_that_operators_read_of_exists(root, page):
    names = set(SETTING.findall((root / page).read_text("utf-8")))
    assert names
    for name in names - OUTSIDE_SETTINGS - set(ENV):
        model = Settings
        for part in name.removeprefix("YINSE_").lower().split("__"):
            assert isinstance(model, type), name
            assert issubclass(model, BaseModel), name
            assert part in model.model_fields, name
            annotation = model.model_fields[part].annotation
            model = next(
                (kind for kind in (annotation, *getattr(annotation, "__args__", ())) if fits(kind)), None
            )


def fits(kind):
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@pytest.mark.parametrize("page", OPERATORS_READ)
def test_every_command_that_operators_read_of_is_understood(root, page):
    commands = COMMAND.findall((root / page).read_text("utf-8"))
    lines = [line for line in commands if line.split()[0] in cli.list_commands(None)]
    assert len(lines) >= 3
    for line in lines:
        words = shlex.split(line.split(" > ")[0].split(" < ")[0].split(" #")[0], comments=True)
        parsed([word for word in words if word != "..."])


def parsed(words):
    """The innermost context of a command line; raises click's error where it is not understood."""
    command, context = cli, click.Context(cli)
    while isinstance(command, click.Group) and words:
        name, command, words = command.resolve_command(context, list(words))
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=context)
    if isinstance(command, click.Group):
        return context  # the page speaks of a group
    return command.make_context(command.name, list(words), parent=context)
