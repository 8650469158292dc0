"""A house with five events in its audit log, as it is and with its triggers dropped."""

import pytest
from sqlalchemy import text

from yinse.service.audit.service import record, verify


def check(house):
    async def walk():
        async with house.ports.database.transaction(write=False) as session:
            return await verify(session)

    return house.run(walk)


def alter(house, statement):
    async def run():
        async with house.ports.database.transaction() as session:
            await session.execute(statement)

    house.run(run)


@pytest.fixture
def chain(house):
    async def fill():
        async with house.ports.database.transaction() as session:
            for number in range(5):
                await record(
                    session,
                    house.clock.now,
                    account_id="acct_a",
                    actor="key_a",
                    action="test",
                    subject=f"thing_{number}",
                    details={"n": number, "名": "音"},
                )

    house.run(fill)
    return house


@pytest.fixture
def unguarded(chain):
    """The same after what only the owner of the database can do: no trigger refuses anything any more."""

    async def drop():
        async with chain.ports.database.transaction() as session:
            triggers = await session.scalars(text("select name from sqlite_master where type = 'trigger'"))
            for name in triggers.all():
                await session.execute(text(f"drop trigger {name}"))

    chain.run(drop)
    return chain
