"""Which recordings a version was made of, which a consent was compared with, and numbers that outlive history."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("voice_versions", "consents")
_SUMS = ("utterances", "rated", "starred", "stars", "thumbs_up", "thumbs_down", "scored")


def upgrade() -> None:
    """Apply. What is there already is unknown: such a version leaves its account only after another consent."""
    for table in _TABLES:
        op.add_column(table, sa.Column("recordings", sa.JSON(), nullable=True))
    op.create_table(
        "tallies",
        sa.Column("voice_id", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SUMS),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["voice_id"], ["voices.id"], name=op.f("fk_tallies_voice_id_voices")),
        sa.PrimaryKeyConstraint("voice_id", "version_id", "week", name=op.f("pk_tallies")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("tallies")
    for table in _TABLES:
        op.drop_column(table, "recordings")
