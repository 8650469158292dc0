"""Triggers that refuse to change or remove an event of the audit log, and to move its head but to the next one.

A batch over one of these tables makes it anew, without its triggers: whoever writes one makes them again.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEPT = "audit_events is append-only: an event is never changed or removed"
_FORWARD = "audit_head moves to the next event and nowhere else"
_MESSAGES = {"audit_events": _KEPT, "audit_head": _FORWARD}
_ELSEWHERE = "NEW.id <> OLD.id OR NEW.number <> OLD.number + 1"
_OVER_AN_EVENT = (
    "EXISTS (SELECT 1 FROM audit_events WHERE number >= NEW.number)"
    " OR NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM audit_events WHERE rowid = NEW.rowid)"
)
_EVERYWHERE = (
    ("audit_events", "UPDATE", ""),
    ("audit_events", "DELETE", ""),
    ("audit_head", "UPDATE", _ELSEWHERE),
    ("audit_head", "DELETE", ""),
)
_TRIGGERS = {
    "sqlite": (
        *_EVERYWHERE,
        ("audit_events", "INSERT", _OVER_AN_EVENT),  # REPLACE
        ("audit_head", "INSERT", "EXISTS (SELECT 1 FROM audit_head)"),
    ),
    "postgresql": (*_EVERYWHERE, ("audit_events", "TRUNCATE", ""), ("audit_head", "TRUNCATE", "")),
}
_REFUSE = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END$$"
)


def upgrade() -> None:
    """Apply. The function may be there already, of a newer dump that an older one was restored over."""
    dialect = op.get_context().dialect.name
    if dialect == "postgresql":
        op.execute(_REFUSE)
    for table, operation, condition in _TRIGGERS[dialect]:
        when = f" WHEN ({condition})" if condition else ""
        each = "STATEMENT" if operation == "TRUNCATE" else "ROW"
        refusal = {
            "sqlite": f"{when} BEGIN SELECT RAISE(ABORT, '{_MESSAGES[table]}'); END",
            "postgresql": f" FOR EACH {each}{when} EXECUTE FUNCTION audit_refuse('{_MESSAGES[table]}')",
        }
        name = f"{table}_{operation.lower()}"
        op.execute(f"CREATE TRIGGER {name} BEFORE {operation} ON {table}{refusal[dialect]}")


def downgrade() -> None:
    """Undo."""
    dialect = op.get_context().dialect.name
    for table, operation, _ in _TRIGGERS[dialect]:
        on = f" ON {table}" if dialect == "postgresql" else ""
        op.execute(f"DROP TRIGGER {table}_{operation.lower()}{on}")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION audit_refuse()")
