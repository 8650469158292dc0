"""Where the root key is."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from yinse.contracts.storage import KeyProvider
from yinse.vault.roots import root_from_environment, root_from_file


class VaultOptions(BaseModel):
    """The root key's source. `environment` reads `root_key`; `file` reads (or creates) `root_file`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["file", "environment"] = "file"
    root_file: Path | None = Field(default=None, description="default: vault/root.json in the home folder")
    root_key: SecretStr | None = Field(default=None, description="32 bytes in base64")

    def provider(self, home: Path) -> KeyProvider:
        """Open the root key. Raises `InsecureConfiguration`, `CorruptFile`."""
        if self.source == "environment":
            return root_from_environment(self.root_key.get_secret_value() if self.root_key else "")
        return root_from_file(self.file(home))

    def file(self, home: Path) -> Path:
        """Path of the root key file."""
        return self.root_file or home / "vault" / "root.json"
