import asyncio
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
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


def test_every_migration_runs_over_tables_that_hold_something(tmp_path):
    """One row in every table of the first version, then step by step to the newest and back."""

    async def run():
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite3")
        async with database.alone() as connection:
            await connection.run_sync(migrated, command.upgrade, "0001")
            filled = await connection.run_sync(fill)
        await upgrade(database)
        async with database.alone() as connection:
            kept = await connection.run_sync(count, filled)
            await connection.run_sync(migrated, command.downgrade, "0001")
            back = await connection.run_sync(count, filled)
        await database.close()
        return filled, kept, back

    filled, kept, back = asyncio.run(run())
    assert len(filled) > 15
    assert (
        kept == back == {name: name != "tickets" for name in filled}
    )  # 0005 drops those: they live a minute


def test_migrations_make_the_triggers_that_the_tables_are_declared_with(tmp_path):
    """A batch over a table makes it anew without its triggers: this tells."""

    async def run():
        migrated, declared = (Database(f"sqlite+aiosqlite:///{tmp_path}/{name}") for name in "md")
        await upgrade(migrated)
        await declared.create(METADATA)
        found = [await triggers_of(database) for database in (migrated, declared)]
        await step(migrated, command.downgrade, "0007")
        found.append(await triggers_of(migrated))
        for database in (migrated, declared):
            await database.close()
        return found

    migrated, declared, back = asyncio.run(run())
    assert len(migrated) == 6
    assert (migrated, back) == (declared, [])


async def triggers_of(database):
    async with database.transaction(write=False) as session:
        statement = "select name, sql from sqlite_master where type = 'trigger' order by name"
        return (await session.execute(sa.text(statement))).all()


async def step(database, command, revision):
    async with database.alone() as connection:
        await connection.run_sync(migrated, command, revision)


def migrated(connection, step, revision):
    config = Config()
    config.set_main_option("script_location", "yinse.service:migrations")
    config.attributes["connection"] = connection
    step(config, revision)


def fill(connection):
    metadata = sa.MetaData()
    metadata.reflect(connection)
    tables = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
    for table in tables:
        connection.execute(table.insert().values({column.name: value_of(column) for column in table.columns}))
    return [table.name for table in tables]


def value_of(column):
    values = {sa.String: "x", sa.Integer: 1, sa.BigInteger: 1, sa.Boolean: True, sa.LargeBinary: b"x"}
    values |= {sa.DateTime: datetime(2026, 11, 20, tzinfo=UTC), sa.JSON: {}}
    found = next((value for kind, value in values.items() if isinstance(column.type, kind)), 1.0)
    return None if column.name == "managed_by" else found


def count(connection, names):
    return {name: bool(connection.scalar(sa.text(f"select count(*) from {name}"))) for name in names}
