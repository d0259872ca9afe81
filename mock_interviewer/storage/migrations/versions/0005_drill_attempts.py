"""Attempts at drills."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drill_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.String(64), nullable=False, index=True),
        sa.Column("drill_id", sa.String(60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("marked_by", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Text, nullable=False),
        sa.Column("feedback", sa.JSON, nullable=False),
    )
