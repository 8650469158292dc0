"""The recordings a corpus is built from: tars, and a manifest with one row a file."""

import json
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.corpus.entry import MANIFEST_FILE

SHOWN_MISTAKES: Final = 5
LANGUAGES: Final = ("zh", "en", "ja")


@dataclass(frozen=True, slots=True)
class Recording:
    """One row of the manifest: a file in a tar, who speaks in it, and what."""

    id: str
    file: str
    shard: str
    text: str | None
    speaker: str
    lang: str
    sample_rate: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A recording that is not in the store, and why."""

    id: str
    file: str
    shard: str
    reason: str


def read_source(folder: Path) -> list[Recording]:
    """Rows of a manifest; raises before any work where rows are malformed or tars are absent."""
    manifest = folder / MANIFEST_FILE
    if not manifest.exists():
        raise NotFound(f"{manifest} does not exist: point at a folder with manifest.jsonl and its tars")
    rows: list[Recording] = []
    mistakes: list[str] = []
    for number, line in enumerate(manifest.read_text("utf-8").splitlines(), 1):
        try:
            rows.append(_row(line))
        except ValueError as error:
            mistakes.append(f"line {number}: {error}")
    mistakes += _repeated(rows)
    if mistakes:
        more = f" and {len(mistakes) - SHOWN_MISTAKES} more" if len(mistakes) > SHOWN_MISTAKES else ""
        raise InvalidInput(f"{manifest}: {'; '.join(mistakes[:SHOWN_MISTAKES])}{more}")
    _require_tars(folder, rows)
    return rows


def _row(line: str) -> Recording:
    row: Any = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("not an object of names and values")
    lacking = [name for name in Recording.__slots__ if name not in row]
    if lacking:
        raise ValueError(f"{', '.join(lacking)} missing")
    if row["lang"] not in LANGUAGES:
        raise ValueError(f"language {row['lang']!r} is not one of {', '.join(LANGUAGES)}")
    return Recording(**{name: row[name] for name in Recording.__slots__})


def _repeated(rows: list[Recording]) -> list[str]:
    counts = Counter(row.id for row in rows)
    return [f"{name} stands {count} times" for name, count in counts.items() if count > 1]


def _require_tars(folder: Path, rows: list[Recording]) -> None:
    absent = [shard for shard in dict.fromkeys(row.shard for row in rows) if not (folder / shard).is_file()]
    if absent:
        raise NotFound(f"{folder} lacks {', '.join(absent)}, which its manifest names")


def read_files(folder: Path, rows: list[Recording]) -> Iterator[tuple[Recording, bytes | LeftOut]]:
    """The rows' files out of their tars, a tar at a time; a file that cannot be read becomes `LeftOut`."""
    for shard in dict.fromkeys(row.shard for row in rows):
        wanted = [row for row in rows if row.shard == shard]
        try:
            with tarfile.open(folder / shard) as archive:
                members, damage = _index(archive)
                for row in wanted:
                    yield row, _read(archive, members.get(row.file), row, damage)
        except tarfile.TarError as error:
            for row in wanted:
                yield row, left_out(row, f"the archive cannot be opened: {error}")


def left_out(row: Recording, reason: str) -> LeftOut:
    """A row and why it is left out."""
    return LeftOut(row.id, row.file, row.shard, reason)


def _index(archive: tarfile.TarFile) -> tuple[dict[str, tarfile.TarInfo], str]:
    """Members by name as far as the archive is whole, and why the rest cannot be found."""
    members: dict[str, tarfile.TarInfo] = {}
    try:
        for member in archive:
            members[member.name] = member
    except tarfile.TarError as error:
        return members, f"the archive is damaged: {error}"
    return members, "the archive does not hold it"


def _read(
    archive: tarfile.TarFile, member: tarfile.TarInfo | None, row: Recording, damage: str
) -> bytes | LeftOut:
    if member is None:
        return left_out(row, damage)
    try:
        file = archive.extractfile(member)
        return left_out(row, "it is a folder or a link in the archive") if file is None else file.read()
    except (tarfile.TarError, EOFError, zlib.error) as error:
        return left_out(row, f"the archive is damaged: {error}")
