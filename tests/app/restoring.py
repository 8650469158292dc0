"""A house in a new home, from its backup."""

import asyncio
import shutil
import time

from yinse.app.backup import read_ledger, restore_backup


def moved(settings, home):
    """The settings of a new home that holds the root key and the secret, and nothing else."""
    new = settings.model_copy(update={"home": home})
    new.vault_folder.mkdir(parents=True)
    for name in ("root.json", "secret"):
        shutil.copy(settings.vault_folder / name, new.vault_folder / name)
    return new


def restored(settings, home, folder, deleted):
    new = moved(settings, home)
    return new, asyncio.run(restore_backup(new, folder, deleted))


def ledger_of(settings):
    return asyncio.run(read_ledger(settings))


def waits_for(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
