"""Seeds of 32 bits on databases whose integers have 31; SQLite's are wide as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("generations", "seed", type_=sa.BigInteger(), existing_nullable=False)


def downgrade() -> None:
    """Undo; seeds that do not fit any more stop it."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("generations", "seed", type_=sa.Integer(), existing_nullable=False)
