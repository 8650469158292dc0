import asyncio

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from yinse.service.db import Database
from yinse.service.tables import METADATA
from yinse.service.upgrade import upgrade


def test_migrations_make_exactly_the_tables_that_the_code_uses(tmp_path):
    async def run():
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite3")
        await upgrade(database)
        await upgrade(database)
        async with database.engine.connect() as connection:
            found = await connection.run_sync(differences)
        await database.close()
        return found

    def differences(connection: sa.Connection):
        return compare_metadata(MigrationContext.configure(connection), METADATA)

    assert asyncio.run(run()) == []
