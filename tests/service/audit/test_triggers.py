"""The database refuses what the chain could only notice. `test_postgres.py` has the same on PostgreSQL."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.audit.conftest import alter, check

KEPT = "audit_events is append-only: an event is never changed or removed"
FORWARD = "audit_head moves to the next event and nowhere else"
ATTEMPTS = {
    KEPT: [
        "update audit_events set subject = 'forged' where number = 3",
        "update audit_events set number = 9 where number = 3",
        "update audit_events set action = action",
        "delete from audit_events where number = 5",
        "delete from audit_events",
        "insert into audit_events select * from audit_events where number = 3"
        " on conflict (number) do update set subject = 'forged'",
    ],
    FORWARD: [
        "update audit_head set digest = 'forged'",
        "update audit_head set number = number - 1",
        "update audit_head set number = number + 2",
        "update audit_head set id = 2, number = number + 1",
        "delete from audit_head",
    ],
}
_COLUMNS = "at, account_id, actor, action, subject, details, previous, digest"
_REPLACEMENTS = {
    KEPT: [
        "update or ignore audit_events set subject = 'forged'",
        "update or replace audit_events set number = 4 where number = 3",
        f"replace into audit_events (number, {_COLUMNS}) select 3, {_COLUMNS} from audit_events where number = 1",
        f"replace into audit_events (rowid, number, {_COLUMNS})"
        f" select rowid, 9, {_COLUMNS} from audit_events where number = 3",
        f"insert into audit_events (number, {_COLUMNS}) select 0, {_COLUMNS} from audit_events where number = 1",
    ],
    FORWARD: [
        "replace into audit_head values (1, 4, 'forged')",
        "insert into audit_head values (2, 0, 'forged')",
    ],
}
"""What SQLite alone understands."""


def cases(*tables):
    return [(statement, told) for table in tables for told, found in table.items() for statement in found]


@pytest.mark.parametrize(("statement", "told"), cases(ATTEMPTS, _REPLACEMENTS))
def test_events_stay_and_the_head_only_moves_on(chain, statement, told):
    with pytest.raises(IntegrityError, match=told):
        alter(chain, text(statement))
    verdict = check(chain)
    assert (verdict.intact, verdict.events) == (True, 5)
