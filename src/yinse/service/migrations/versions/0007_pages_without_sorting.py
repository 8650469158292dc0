"""Indexes in the order that pages of history and of jobs are read in, and one for what is too old."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PAGED = (("generations", "account_id"), ("generations", "voice_id"), ("jobs", "account_id"))


def upgrade() -> None:
    """Apply. The wider indexes serve what the narrow ones did."""
    for table, column in _PAGED:
        op.create_index(f"ix_{table}_{column}_id", table, [column, "id"])
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    op.create_index(op.f("ix_generations_created_at"), "generations", ["created_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_generations_created_at"), table_name="generations")
    for table, column in _PAGED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
        op.drop_index(f"ix_{table}_{column}_id", table_name=table)
