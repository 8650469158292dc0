"""A job that failed for one recording says for which."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nobody knows it of those that failed before."""
    op.add_column("jobs", sa.Column("error_recording", sa.String(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("jobs", "error_recording")
