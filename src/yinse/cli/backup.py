"""`yinse backup`: copies of a house that do not bring back what was deleted."""

import asyncio
from pathlib import Path
from typing import TextIO

import click

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.group()
def backup() -> None:
    """Back up and restore a server."""


@backup.command()
@click.argument("folder", type=_FOLDER)
def create(folder: Path) -> None:
    """Write data.tar and keys.tar into FOLDER. Keep one keys.tar only; keep the root key elsewhere."""
    from yinse.app.backup import create_backup
    from yinse.settings import Settings

    whole = create_backup(Settings(), folder)
    click.echo(f"Wrote {folder / 'data.tar'} and {folder / 'keys.tar'}")
    if not whole:
        click.echo("The objects lie in S3 and are not in it: copy the bucket by its own means, after this.")


@backup.command()
@click.argument("file", type=click.File("w", encoding="utf-8", atomic=True))
def ledger(file: TextIO) -> None:
    """Write the ledger of everything deleted or revoked into FILE (- for standard output): a restore needs it."""
    from yinse.app.backup import read_ledger
    from yinse.service.operations.ledger import written
    from yinse.settings import Settings

    entries = asyncio.run(read_ledger(Settings()))
    click.echo(written(entries), file=file)
    click.echo(f"Wrote {len(entries)} deletions and revocations to {file.name}", err=True)


@backup.command()
@click.argument("folder", type=_FOLDER)
@click.option("--ledger", type=_FILE, help="Ledger of deletions; what it names stays deleted and revoked.")
@click.option(
    "--without-ledger", is_flag=True, help="Bring back what was deleted or revoked since the backup."
)
def restore(folder: Path, ledger: Path | None, without_ledger: bool) -> None:
    """Restore FOLDER into a home that holds nothing but the root key."""
    if (ledger is None) != without_ledger:
        raise click.UsageError(
            "Give the newest --ledger, or say --without-ledger: then deleted voices and revoked keys come back."
        )
    from yinse.app.backup import restore_backup
    from yinse.service.operations.ledger import parse
    from yinse.settings import Settings

    deleted = parse(_read(ledger)) if ledger else []
    restored = asyncio.run(restore_backup(Settings(), folder, deleted))
    click.echo(
        f"Restored {restored.voices} voices; destroyed {restored.destroyed} that had been deleted since, "
        f"repeated {restored.revoked} revocations, signed everybody out."
    )
    click.echo("Now replace keys.tar: yinse backup create. The old one still holds keys of deleted voices.")


@backup.command(name="delete-again")
@click.argument("file", type=_FILE)
def delete_again(file: Path) -> None:
    """Repeat the deletions and revocations of the ledger FILE (- for standard input); sign everybody out.

    For databases and objects that were restored by their own means: before the service starts.
    """
    from yinse.app.backup import repeat_deletions
    from yinse.service.operations.ledger import parse
    from yinse.settings import Settings

    repeated = asyncio.run(repeat_deletions(Settings(), parse(_read(file))))
    click.echo(
        f"Destroyed {repeated.voices} voices and {repeated.accounts} accounts again, "
        f"repeated {repeated.revoked} revocations, signed everybody out."
    )


def _read(file: Path) -> str:
    """A file's text, or that of standard input. Raises `NotFound`."""
    from yinse.contracts.errors import NotFound

    if str(file) != "-" and not file.is_file():
        raise NotFound(f"There is no {file}.")
    with click.open_file(str(file), encoding="utf-8") as opened:
        return str(opened.read())
