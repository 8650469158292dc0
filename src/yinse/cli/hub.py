"""Published models from a hub or a folder to this machine: resumed where they broke off, checked by digest."""

import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import click
import httpx

from yinse.contracts.errors import CorruptFile, NotFound, StorageFull, YinseError
from yinse.engine.checkpoints.published.catalogue import Family, Repository
from yinse.engine.checkpoints.published.library import Arrived, Library, sha256

TRIES: Final = 3
"""How often a transfer that breaks off is taken up again."""
TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)


class HubUnreachable(YinseError):
    """There is no way to the hub, or it does not answer."""

    code = "hub_unreachable"
    exit_code = 69  # EX_UNAVAILABLE of sysexits.h


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a hub. `digest` is a SHA-256, or for small files of a Git hub the SHA-1 of their Git object."""

    url: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub: how its files are listed and where they lie."""

    name: str
    endpoint: str
    repository: Callable[[Repository], str]
    listing: str
    """Address of the list of all files, with `{repo}`."""
    file: str
    """Address of one file, with `{repo}` and `{path}`."""
    entries: Callable[[Any], Mapping[str, tuple[int, str]]]
    """Reads the list: path -> (size, digest)."""

    def files(self, client: httpx.Client, repository: Repository) -> dict[str, Remote]:
        """All files of a repository. Raises `HubUnreachable`, `NotFound`."""
        repo = self.repository(repository)
        with _reaching(self):
            answer = client.get(self.endpoint + self.listing.format(repo=repo))
            if answer.status_code in (401, 403, 404):
                raise NotFound(f"{self.name} has no repository {repo}, or does not show it.")
            answer.raise_for_status()
            entries = self.entries(answer.json())
        return {
            path: Remote(self.endpoint + self.file.format(repo=repo, path=quote(path)), size, digest)
            for path, (size, digest) in entries.items()
        }


def huggingface() -> Hub:
    """The Hugging Face hub, or the mirror that `HF_ENDPOINT` names."""
    return Hub(
        "Hugging Face",
        os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/"),
        lambda repository: repository.huggingface,
        "/api/models/{repo}/tree/main?recursive=true",
        "/{repo}/resolve/main/{path}",
        lambda answer: {
            entry["path"]: (int(entry["size"]), str(entry.get("lfs", {}).get("oid", entry["oid"])))
            for entry in answer
            if entry["type"] == "file"
        },
    )


def modelscope() -> Hub:
    """ModelScope, or the mirror that `MODELSCOPE_ENDPOINT` names."""
    return Hub(
        "ModelScope",
        os.environ.get("MODELSCOPE_ENDPOINT", "https://modelscope.cn").rstrip("/"),
        lambda repository: repository.modelscope,
        "/api/v1/models/{repo}/repo/files?Revision=master&Recursive=true",
        "/models/{repo}/resolve/master/{path}",
        lambda answer: {
            entry["Path"]: (int(entry["Size"]), str(entry["Sha256"]))
            for entry in answer["Data"]["Files"]
            if entry["Type"] == "blob"
        },
    )


HUBS: Final[Mapping[str, Callable[[], Hub]]] = {"huggingface": huggingface, "modelscope": modelscope}


def download_family(family: Family, hub: Hub, library: Library) -> None:
    """Get the files of a family that are missing.

    Raises `HubUnreachable`, `NotFound` naming every file the hub lacks, `CorruptFile`, `StorageFull`.
    """
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        remote = hub.files(client, family.repository)
        wanted = library.missing(family)
        sources = [family.archive] if family.archive else wanted
        if absent := [file for file in sources if file not in remote]:
            repo = hub.repository(family.repository)
            raise NotFound(f"{repo} on {hub.name} lacks {', '.join(absent)}; {family.name} stays incomplete.")
        if family.archive:
            _unpacked(client, hub, remote[family.archive], family, library)
            return
        for file in wanted:
            target = library.path(family.name, file)
            with _storing(target):
                _download(client, hub, remote[file], target)
            library.remember(family.name, {file: Arrived(remote[file].size, sha256(target))})


def _unpacked(client: httpx.Client, hub: Hub, remote: Remote, family: Family, library: Library) -> None:
    """Fetch an archive and take the family's files out of it, wherever in it they lie; nothing else is written."""
    assert family.archive is not None
    packed = library.path(family.name, family.archive)
    with _storing(packed):
        _download(client, hub, remote, packed)
        try:
            with zipfile.ZipFile(packed) as archive:
                entries = {Path(one.filename).name: one for one in archive.infolist() if not one.is_dir()}
                names = {file: Path(file).name for file in library.missing(family)}
                if absent := [name for name in names.values() if name not in entries]:
                    raise NotFound(
                        f"{packed.name} on {hub.name} lacks {', '.join(absent)}; {family.name} stays incomplete."
                    )
                for file, name in names.items():
                    _take(archive, entries[name], library.path(family.name, file))
        except zipfile.BadZipFile as error:
            raise CorruptFile(f"{packed.name} from {hub.name} is no archive: {error}.") from error
        finally:
            packed.unlink(missing_ok=True)
    for file in names:
        target = library.path(family.name, file)
        library.remember(family.name, {file: Arrived(target.stat().st_size, sha256(target))})


def _take(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, _partial(target).open("wb") as file:
        shutil.copyfileobj(source, file)
    _partial(target).replace(target)


def copy_family(family: Family, folder: Path, library: Library) -> None:
    """Take the missing files of a family from a folder: laid out as published, as pulled, or flat.

    Raises `NotFound` naming every file that is not in the folder; then nothing is copied.
    """
    found = {file: _in_folder(folder, family.name, file) for file in library.missing(family)}
    if absent := [file for file, path in found.items() if path is None]:
        raise NotFound(f"'{folder}' lacks {', '.join(absent)}; {family.name} stays incomplete.")
    for file, path in found.items():
        assert path is not None
        target = library.path(family.name, file)
        with _storing(target):
            shutil.copyfile(path, _partial(target))
            _partial(target).replace(target)
        library.remember(family.name, {file: Arrived(target.stat().st_size, sha256(target))})


def _in_folder(folder: Path, family: str, file: str) -> Path | None:
    places = (folder / file, folder / family / file, folder / Path(file).name)
    return next((place for place in places if place.is_file()), None)


def _partial(target: Path) -> Path:
    return target.with_name(target.name + ".partial")


def _download(client: httpx.Client, hub: Hub, remote: Remote, target: Path) -> None:
    """Fetch one file, going on where an earlier attempt broke off; it gets its name once its digest is right."""
    partial = _partial(target)
    for attempt in range(TRIES):
        try:
            _fetch(client, remote, partial)
            break
        except httpx.TransportError as error:
            if attempt + 1 == TRIES:
                raise HubUnreachable(
                    f"The transfer from {hub.name} broke off ({_describe(error)}); run the same command to go on."
                ) from error
        except httpx.HTTPStatusError as error:
            raise HubUnreachable(
                f"{hub.name} refused {target.name}: {error.response.status_code} {error.response.reason_phrase}."
            ) from error
    if partial.stat().st_size != remote.size or digest_like(partial, remote.digest) != remote.digest:
        partial.unlink()
        raise CorruptFile(f"{target.name} arrived damaged: its digest is not the hub's. Pull it again.")
    partial.replace(target)


def _fetch(client: httpx.Client, remote: Remote, partial: Path) -> None:
    start = partial.stat().st_size if partial.exists() else 0
    if start >= remote.size:
        return
    headers = {"Range": f"bytes={start}-"} if start else {}
    with client.stream("GET", remote.url, headers=headers) as answer:
        answer.raise_for_status()
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        label = Path(urlsplit(remote.url).path).name
        with (
            partial.open("ab" if resumed else "wb") as file,
            click.progressbar(length=remote.size, label=label, file=sys.stderr) as bar,
        ):
            bar.update(start if resumed else 0)
            for block in answer.iter_bytes():
                file.write(block)
                bar.update(len(block))


def digest_like(path: Path, digest: str) -> str:
    """Digest of a file of the kind of another: SHA-256, or (40 digits) the SHA-1 of its Git object."""
    if len(digest) == 64:
        return sha256(path)
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@contextmanager
def _reaching(hub: Hub) -> Iterator[None]:
    """What goes wrong on the way to a list of files, in one sentence."""
    host = urlsplit(hub.endpoint).netloc
    try:
        yield
    except httpx.TransportError as error:
        raise HubUnreachable(
            f"{host} cannot be reached ({_describe(error)}); without a network use --from FOLDER."
        ) from error
    except (httpx.HTTPStatusError, ValueError, KeyError, TypeError) as error:
        raise HubUnreachable(
            f"{host} gave no list of files that can be read ({_describe(error)})."
        ) from error


@contextmanager
def _storing(target: Path) -> Iterator[None]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise StorageFull(f"'{target}' cannot be written: {error.strerror}.") from error


def _describe(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
