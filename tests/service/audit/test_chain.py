import pytest
from sqlalchemy import delete, select, update

from service.audit.conftest import alter, check
from yinse.service.audit.service import digest_of
from yinse.service.audit.tables import AuditRow


def test_an_untouched_chain_holds(chain):
    verdict = check(chain)
    assert (verdict.intact, verdict.events) == (True, 5)


def test_an_empty_chain_holds(house):
    assert check(house).intact


@pytest.mark.parametrize("column", ["action", "subject", "actor", "account_id"])
def test_a_changed_word_breaks_it_where_it_was_changed(unguarded, column):
    alter(unguarded, update(AuditRow).where(AuditRow.number == 3).values({column: "forged"}))
    verdict = check(unguarded)
    assert (verdict.intact, verdict.broken_at) == (False, 3)


def test_changed_details_break_it(unguarded):
    alter(unguarded, update(AuditRow).where(AuditRow.number == 2).values(details={"n": 9}))
    assert check(unguarded).broken_at == 2


@pytest.mark.parametrize(("gone", "broken"), [(1, 1), (3, 3), (5, 5)])
def test_a_removed_event_shows_even_at_the_end(unguarded, gone, broken):
    alter(unguarded, delete(AuditRow).where(AuditRow.number == gone))
    assert check(unguarded).broken_at == broken


def test_rehashing_one_event_breaks_the_next(unguarded):
    async def forge():
        async with unguarded.ports.database.transaction() as session:
            row = await session.get_one(AuditRow, 3)
            row.subject = "forged"
            row.digest = digest_of(row)

    unguarded.run(forge)
    assert check(unguarded).broken_at == 4


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
