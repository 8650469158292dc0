"""Which recordings a version was made of, and which a consent was compared with."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("voice_versions", "consents")


def upgrade() -> None:
    """Apply. What is there already is unknown: such a version leaves its account only after another consent."""
    for table in _TABLES:
        op.add_column(table, sa.Column("recordings", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Undo."""
    for table in _TABLES:
        op.drop_column(table, "recordings")
