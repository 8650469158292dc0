import pytest
from sqlalchemy import delete, select, update

from yinse.service.audit.service import record, verify
from yinse.service.audit.tables import AuditRow


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


def test_an_untouched_chain_holds(chain):
    verdict = check(chain)
    assert (verdict.intact, verdict.events) == (True, 5)


def test_an_empty_chain_holds(house):
    assert check(house).intact


@pytest.mark.parametrize("column", ["action", "subject", "actor", "account_id"])
def test_a_changed_word_breaks_it_where_it_was_changed(chain, column):
    alter(chain, update(AuditRow).where(AuditRow.number == 3).values({column: "forged"}))
    verdict = check(chain)
    assert (verdict.intact, verdict.broken_at) == (False, 3)


def test_changed_details_break_it(chain):
    alter(chain, update(AuditRow).where(AuditRow.number == 2).values(details={"n": 9}))
    assert check(chain).broken_at == 2


@pytest.mark.parametrize(("gone", "broken"), [(1, 1), (3, 3), (5, 5)])
def test_a_removed_event_shows_even_at_the_end(chain, gone, broken):
    alter(chain, delete(AuditRow).where(AuditRow.number == gone))
    assert check(chain).broken_at == broken


def test_rehashing_one_event_breaks_the_next(chain):
    from yinse.service.audit.service import digest_of

    async def forge():
        async with chain.ports.database.transaction() as session:
            row = await session.get_one(AuditRow, 3)
            row.subject = "forged"
            row.digest = digest_of(row)

    chain.run(forge)
    assert check(chain).broken_at == 4


def test_actions_over_http_are_in_the_chain_without_content(house, ann):
    ann.post("/v1/keys", json={"name": "my secret project", "scopes": ["speech"]})

    async def read():
        async with house.ports.database.transaction(write=False) as session:
            return (await session.scalars(select(AuditRow))).all()

    rows = house.run(read)
    assert [row.action for row in rows] == ["key.created"]
    assert rows[0].account_id == ann.account_id
    assert "my secret project" not in str(rows[0].details)
    assert check(house).intact


def test_a_failed_request_leaves_no_event(house, ann):
    ann.post("/v1/keys", json={"name": "x", "scopes": ["operator"]})
    assert check(house).events == 0
