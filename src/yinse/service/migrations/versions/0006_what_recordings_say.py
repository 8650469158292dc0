"""Recordings may come with what they say."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nobody told it of those that are there."""
    op.add_column("objects", sa.Column("words", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("objects", "words")
