import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from yinse.contracts.refusals import InsecureConfiguration
from yinse.service.options import LabelOptions, ServiceOptions
from yinse.serving import options
from yinse.serving.options import ServingOptions, cores
from yinse.settings import Settings

GOOD = "x7Kq" * 10


def production(tmp_path, **service):
    return Settings(home=tmp_path, service=ServiceOptions(environment="production", **service))


def test_a_rate_that_cannot_be_counted_names_itself_before_anybody_is_served(monkeypatch):
    monkeypatch.setenv("YINSE_SERVICE__LIMITS__SIGN_IN", "10 a minute")
    with pytest.raises(ValidationError, match=r"sign_in\n.*a rate reads like 600/minute"):
        Settings()


def test_addresses_are_put_together_with_one_slash(monkeypatch):
    monkeypatch.setenv("YINSE_SERVICE__PUBLIC_URL", "https://voice.example.org/")
    assert Settings().service.public_url == "https://voice.example.org"


def test_development_draws_a_secret_once_and_keeps_it_private(settings):
    settings.prepare()
    first = settings.secret()
    assert len(first) >= 32
    assert settings.secret() == first
    assert stat.S_IMODE((settings.vault_folder / "secret").stat().st_mode) == 0o600


def test_of_two_processes_that_start_at_once_one_draws_the_secret(settings, monkeypatch):
    settings.prepare()
    first = settings.secret()
    monkeypatch.setattr(Path, "exists", lambda _: False)  # the other looked before the file was there
    assert settings.secret() == first
    assert [file.name for file in settings.vault_folder.iterdir()] == ["secret"]


@pytest.mark.parametrize(
    "secret", [None, "", "short", "a development secret that is long enough", "changeme" * 8]
)
def test_production_refuses_a_development_secret(tmp_path, secret):
    with pytest.raises(InsecureConfiguration, match="SECRET"):
        production(tmp_path, secret=secret).prepare()


def test_production_starts_with_a_real_secret(tmp_path):
    settings = production(tmp_path, secret=GOOD)
    settings.prepare()
    assert settings.secret() == GOOD.encode()
    assert GOOD not in repr(settings)


def test_production_refuses_a_fake_engine_and_an_open_root_key(tmp_path):
    settings = production(tmp_path, secret=GOOD)
    with pytest.raises(InsecureConfiguration, match="fake"):
        settings.model_copy(update={"serving": ServingOptions(engine="fake")}).prepare()
    settings.prepare()
    root = settings.vault.file(settings.home)
    settings.vault.provider(settings.home)
    root.chmod(0o644)
    with pytest.raises(InsecureConfiguration, match="0600"):
        settings.prepare()


def test_the_environment_sets_everything(tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_HOME", str(tmp_path))
    monkeypatch.setenv("YINSE_SERVICE__DATABASE_URL", "postgresql+psycopg://db/yinse")
    monkeypatch.setenv("YINSE_SERVICE__LIMITS__STREAMS", "9")
    monkeypatch.setenv("YINSE_SERVING__ENGINE", "fake")
    settings = Settings()
    assert (settings.home, settings.service.limits.streams) == (tmp_path, 9)
    assert settings.keys_url == "postgresql+psycopg://db/yinse"


def test_a_typo_names_itself(monkeypatch):
    monkeypatch.setenv("YINSE_SERVICE__LIMITS__STREEMS", "9")
    with pytest.raises(ValidationError, match="streems"):
        Settings()


def test_production_labels_what_it_generates(tmp_path):
    service = ServiceOptions(environment="production", secret="kQ7-" * 12, labels=LabelOptions(on=False))
    with pytest.raises(InsecureConfiguration, match="labels"):
        Settings(home=tmp_path, service=service).prepare()


@pytest.mark.parametrize(
    ("quota", "expected"), [("max 100000", 8), ("200000 100000", 2), ("50000 100000", 1)]
)
def test_a_container_starts_as_many_engines_as_it_may_use_cores(tmp_path, monkeypatch, quota, expected):
    """A quota hides no core from a process: on a large machine it would start an engine for every one of them."""
    (tmp_path / "cpu.max").write_text(quota + "\n")
    monkeypatch.setattr(options, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(options.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert cores() == expected
    assert ServingOptions().engine_processes == expected
