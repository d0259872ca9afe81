"""Role-plays and their exchanges."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_plays",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("candidate_id", sa.String(64), nullable=False, index=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario", sa.JSON, nullable=False),
        sa.Column(
            "branch_of",
            sa.String(40),
            sa.ForeignKey("role_plays.id", ondelete="SET NULL"),
            index=True,
        ),
        sa.Column("branch_from", sa.Integer),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("grading", sa.String(16), nullable=False, index=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grade", sa.JSON),
    )
    op.create_table(
        "role_play_exchanges",
        sa.Column("role_play_id", sa.String(40), sa.ForeignKey("role_plays.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observation", sa.JSON),
        sa.Column("said", sa.Text),
        sa.Column("prepared", sa.Boolean),
    )
