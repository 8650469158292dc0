"""How well other words would have fitted a consent, beside its other evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("consents", sa.Column("chance", sa.Double(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("consents", "chance")
