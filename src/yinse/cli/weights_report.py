"""What weights there are on this machine, and whether they are whole."""

from collections.abc import Callable

from yinse.contracts.errors import CorruptFile, NotFound

BASE = "base"
"""Name of the base voice in reports."""


def inventory() -> list[dict[str, str]]:
    """One row for the base voice, each imported voice and each family: kind, name, state."""
    return [_base(), *_imported(), *_families()]


def checks() -> dict[str, Callable[[], None]]:
    """A check for everything that is here, by name; each raises `CorruptFile` or `NotFound`."""
    from yinse.engine.checkpoints.base import default_weights
    from yinse.engine.checkpoints.bundle import MANIFEST
    from yinse.engine.checkpoints.published.catalogue import FAMILIES
    from yinse.engine.checkpoints.published.library import RECORD
    from yinse.engine.voice.published.store import PublishedHome, library

    home, shared = PublishedHome(), library()
    found: dict[str, Callable[[], None]] = {}
    if (default_weights() / MANIFEST).exists():
        found[BASE] = _check_base
    for name in FAMILIES:
        if shared.path(name, RECORD).exists():
            found[name] = lambda name=name: _check_family(name)  # type: ignore[misc]
    for name in home.names():
        found[name] = lambda name=name: _check_voice(name)  # type: ignore[misc]
    return found


def _check_base() -> None:
    """The base set: its manifest, the digest of every part, and every weight in its place."""
    from yinse.engine.checkpoints.base import load_base

    load_base(verify=True)


def _check_family(name: str) -> None:
    from yinse.engine.voice.published.store import library

    if wrong := library().verify(name):
        raise CorruptFile(
            f"{', '.join(wrong)} of {name}: not as pulled. Delete the file and pull {name} again."
        )


def _check_voice(name: str) -> None:
    from yinse.engine.voice.published.store import PublishedHome

    PublishedHome().bundle(name)


def _base() -> dict[str, str]:
    from yinse.engine.checkpoints.base import default_weights
    from yinse.engine.checkpoints.bundle import read_manifest

    try:
        manifest = read_manifest(default_weights())
    except NotFound:
        return _row("base", BASE, "missing: this installation has no base voice")
    except CorruptFile as error:
        return _row("base", BASE, f"damaged: {error.message}")
    return _row(
        "base", manifest.family, f"{manifest.preset}, revision {manifest.revision}, {manifest.licence}"
    )


def _imported() -> list[dict[str, str]]:
    from yinse.engine.checkpoints.published.checkpoint import Kind
    from yinse.engine.voice.published.store import PublishedHome

    home = PublishedHome()
    rows = []
    for name in home.names():
        try:
            part = home.manifest(name).parts[Kind.S2]
        except CorruptFile as error:
            rows.append(_row("voice", name, f"damaged: {error.message}"))
            continue
        rows.append(_row("voice", name, f"{part.version}{' LoRA' if part.lora else ''}, {part.info}"))
    return rows


def _families() -> list[dict[str, str]]:
    from yinse.engine.checkpoints.published.catalogue import FAMILIES
    from yinse.engine.voice.published.store import library

    shared = library()
    rows = []
    for family in FAMILIES.values():
        missing = shared.missing(family)
        state = f"missing {', '.join(missing)} ({family.purpose})" if missing else f"here: {family.purpose}"
        rows.append(_row("family", family.name, state))
    return rows


def _row(kind: str, name: str, state: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "state": state}
