"""`yinse backup`: copies of a house that do not bring back what was deleted."""

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def backup() -> None:
    """Back up and restore a server."""


@backup.command()
@click.argument("folder", type=_FOLDER)
def create(folder: Path) -> None:
    """Write data.tar and keys.tar into FOLDER. Keep one keys.tar only; keep the root key elsewhere."""
    from yinse.app.backup import create_backup
    from yinse.settings import Settings

    create_backup(Settings(), folder)
    click.echo(f"Wrote {folder / 'data.tar'} and {folder / 'keys.tar'}")


@backup.command()
@click.argument("file", type=_FILE)
def ledger(file: Path) -> None:
    """Write the ledger of deleted voices, to be kept beside backups and given to a restore."""
    from yinse.app.backup import export_ledger
    from yinse.settings import Settings

    click.echo(f"Wrote {export_ledger(Settings(), file)} receipts to {file}")


@backup.command()
@click.argument("folder", type=_FOLDER)
@click.option("--ledger", type=_FILE, help="Ledger of deleted voices; they stay deleted.")
@click.option("--public-key", help="Check the ledger with this key (`yinse keys public`).")
def restore(folder: Path, ledger: Path | None, public_key: str | None) -> None:
    """Restore FOLDER into an empty home that holds the root key."""
    from yinse.app.backup import restore_backup
    from yinse.settings import Settings

    restored = restore_backup(Settings(), folder, ledger, public_key)
    click.echo(
        f"Restored {restored.voices} voices; destroyed {restored.destroyed} that had been deleted since."
    )
