"""The published models on this machine, family by family, each file with the digest it arrived with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from yinse.contracts.errors import CorruptFile, NotFound
from yinse.engine.audio.files import write_atomic
from yinse.engine.checkpoints.published.catalogue import FAMILIES, Family

RECORD: Final = "pulled.json"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One file as it arrived."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Library:
    """A folder with a folder for every family; inside, files lie as in their repository."""

    root: Path

    def path(self, family: str, file: str) -> Path:
        """Where a file of a family lies or would lie."""
        return self.root / family / file

    def missing(self, family: Family) -> list[str]:
        """Files of a family that are not here."""
        return [file for file in family.files if not self.path(family.name, file).exists()]

    def require(self, family: str, file: str) -> Path:
        """A file that is needed; `NotFound` says how to get it."""
        path = self.path(family, file)
        if not path.exists():
            raise NotFound(
                f"'{Path(file).name}' ({FAMILIES[family].purpose}) is missing. "
                f"Get it with: yinse weights pull {family}",
                code="weights_missing",
            )
        return path

    def record(self, family: str) -> dict[str, Arrived]:
        """What is known of the files of a family; empty where nothing was pulled."""
        path = self.root / family / RECORD
        if not path.exists():
            return {}
        try:
            return {name: Arrived(**entry) for name, entry in json.loads(path.read_text("utf-8")).items()}
        except (json.JSONDecodeError, UnicodeDecodeError, TypeError, AttributeError) as error:
            raise CorruptFile(f"'{path}' is damaged; pull {family} again.") from error

    def remember(self, family: str, arrived: Mapping[str, Arrived]) -> None:
        """Keep what is known of files that arrived."""
        entries = {name: asdict(one) for name, one in sorted({**self.record(family), **arrived}.items())}
        write_atomic(self.root / family / RECORD, (json.dumps(entries, indent=1) + "\n").encode())

    def verify(self, family: str) -> list[str]:
        """Names of files that are not what arrived; absent ones among them."""
        wrong = []
        for name, arrived in self.record(family).items():
            path = self.path(family, name)
            if not path.exists() or sha256(path) != arrived.sha256:
                wrong.append(name)
        return wrong


def sha256(path: Path) -> str:
    """Digest of a file as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
