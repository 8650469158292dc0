"""What the database itself refuses: to change or remove an event, and to move the head but to the next one.

Migration 0008 holds a copy of this, as migrations do, and a test holds the two against each other. Whoever owns the
database can drop triggers: then only the chain tells, and a head kept elsewhere.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, event


@dataclass(frozen=True, slots=True)
class Trigger:
    """Refuses an operation on a table, for every row or those of which the condition holds, with an integrity error."""

    name: str
    operation: str
    table: str
    message: str
    condition: str | None = None

    def statement(self, dialect: str) -> str:
        """What makes it. TRUNCATE, which SQLite does not have, knows no rows."""
        head = f"CREATE TRIGGER {self.name} BEFORE {self.operation} ON {self.table}"
        when = f" WHEN ({self.condition})" if self.condition else ""
        if dialect == "sqlite":
            return f"{head}{when} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        each = "STATEMENT" if self.operation == "TRUNCATE" else "ROW"
        return f"{head} FOR EACH {each}{when} EXECUTE FUNCTION audit_refuse('{self.message}')"


_KEPT = "audit_events is append-only: an event is never changed or removed"
_FORWARD = "audit_head moves to the next event and nowhere else"
_ELSEWHERE = "NEW.id <> OLD.id OR NEW.number <> OLD.number + 1"
_OVER_AN_EVENT = (
    "EXISTS (SELECT 1 FROM audit_events WHERE number >= NEW.number)"
    " OR NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM audit_events WHERE rowid = NEW.rowid)"
)
"""SQLite's REPLACE takes the place of a row unseen by triggers of DELETE. A row that names no rowid has -1 before it is there."""

_EVERYWHERE = (
    Trigger("audit_events_update", "UPDATE", "audit_events", _KEPT),
    Trigger("audit_events_delete", "DELETE", "audit_events", _KEPT),
    Trigger("audit_head_update", "UPDATE", "audit_head", _FORWARD, _ELSEWHERE),
    Trigger("audit_head_delete", "DELETE", "audit_head", _FORWARD),
)
TRIGGERS = {
    "sqlite": (
        *_EVERYWHERE,
        Trigger("audit_events_insert", "INSERT", "audit_events", _KEPT, _OVER_AN_EVENT),
        Trigger("audit_head_insert", "INSERT", "audit_head", _FORWARD, "EXISTS (SELECT 1 FROM audit_head)"),
    ),
    "postgresql": (
        *_EVERYWHERE,
        Trigger("audit_events_truncate", "TRUNCATE", "audit_events", _KEPT),
        Trigger("audit_head_truncate", "TRUNCATE", "audit_head", _FORWARD),
    ),
}
"""Every trigger, by the dialect of SQLAlchemy."""
_REFUSE = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END$$"
)


def guard(table: Table) -> None:
    """Have a table's triggers made with it, also where it is made without migrations."""

    @event.listens_for(table, "after_create")
    def make(_table: Table, connection: Connection, **_: Any) -> None:
        dialect = connection.dialect.name
        if dialect == "postgresql":
            connection.exec_driver_sql(_REFUSE)
        for trigger in TRIGGERS[dialect]:
            if trigger.table == table.name:
                connection.exec_driver_sql(trigger.statement(dialect))
