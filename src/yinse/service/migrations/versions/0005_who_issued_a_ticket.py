"""Tickets say who issued them, so that what they open ends with that key or session."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Tickets live a minute: those that are there are dropped, and asked for again."""
    _renew(sa.Column("actor", sa.String(), nullable=False))


def downgrade() -> None:
    """Undo."""
    _renew()


def _renew(*more: sa.Column[str]) -> None:
    op.drop_table("tickets")
    op.create_table(
        "tickets",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        *more,
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_tickets_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_account_id"), "tickets", ["account_id"])
