"""Bring the main database to the newest version."""

import sqlalchemy as sa

from yinse.service.db import Database


async def upgrade(database: Database) -> None:
    """Apply every migration that is missing, in one transaction."""
    async with database.alone() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "yinse.service:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
