"""One settings object. Its sections belong to the packages; only `app` and `cli` see it.

Everything can be set by environment: `YINSE_HOME`, `YINSE_SERVICE__PUBLIC_URL`, `YINSE_VAULT__SOURCE` ...
"""

import secrets
from contextlib import suppress
from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

from yinse.contracts.refusals import InsecureConfiguration
from yinse.service.options import ServiceOptions
from yinse.serving.options import ServingOptions
from yinse.vault.options import VaultOptions
from yinse.vault.roots import written

_SHORTEST_SECRET = 32
_WEAK = ("development", "changeme", "change-me", "secret", "password", "yinse")


class Settings(BaseSettings):
    """Where the house stands and how it is run."""

    model_config = SettingsConfigDict(
        env_prefix="YINSE_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("yinse"))
    service: ServiceOptions = ServiceOptions()
    vault: VaultOptions = VaultOptions()
    serving: ServingOptions = ServingOptions()

    @property
    def database_url(self) -> str:
        """The main database; SQLite in the home folder unless told otherwise."""
        return self.service.database_url or f"sqlite+aiosqlite:///{self.home}/yinse.sqlite3"

    @property
    def keys_url(self) -> str:
        """Where wrapped keys lie: a file of their own beside SQLite, tables of their own on a server."""
        if self.service.keys_url is not None:
            return self.service.keys_url
        if make_url(self.database_url).get_backend_name() != "sqlite":
            return self.database_url
        return f"sqlite+aiosqlite:///{self.vault_folder}/keys.sqlite3"

    @property
    def vault_folder(self) -> Path:
        """Root key, wrapped keys and the deletion ledger; never in a long-lived backup."""
        return self.home / "vault"

    @property
    def objects(self) -> Path:
        """The folder of sealed objects."""
        return self.service.objects or self.home / "objects"

    def prepare(self) -> None:
        """Make the folders. Raises `InsecureConfiguration` for a production service with weak secrets."""
        self.check()
        for folder in (self.home, self.vault_folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def check(self) -> None:
        """Refuse what would be unsafe in production; development is free."""
        if self.service.environment != "production":
            return
        secret = self.service.secret.get_secret_value() if self.service.secret else ""
        if len(secret) < _SHORTEST_SECRET or any(word in secret.lower() for word in _WEAK):
            raise InsecureConfiguration(
                "Production needs YINSE_SERVICE__SECRET: 32 random characters or more, not a development one."
            )
        if self.serving.engine == "fake":
            raise InsecureConfiguration("Production does not run on the fake engine.")
        if not self.service.labels.on:
            raise InsecureConfiguration("Production labels what it generates; switch labels on.")
        root = self.vault.file(self.home)
        if self.vault.source == "file" and root.exists() and root.stat().st_mode & 0o077:
            raise InsecureConfiguration(f"The root key file {root} is readable by others; make it mode 0600.")

    def secret(self) -> bytes:
        """The service secret; in development, one drawn at first start and kept in the home folder."""
        if self.service.secret is not None:
            return self.service.secret.get_secret_value().encode()
        path = self.vault_folder / "secret"
        if not path.exists():
            with written(path, secrets.token_urlsafe(48)) as partial, suppress(FileExistsError):
                path.hardlink_to(partial)  # whole from the first moment; of several processes, one does
        return path.read_bytes()
