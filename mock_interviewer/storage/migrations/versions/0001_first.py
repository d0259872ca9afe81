"""The first schema: interviews, turns, answers, grades."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "interviews",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("candidate_id", sa.String(64), nullable=False, index=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("trade", sa.String(32), nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("cached_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("interview_id", sa.String(40), sa.ForeignKey("interviews.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("question", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("aim", sa.String(16)),
        sa.Column("created_at", moment, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "interview_id",
            sa.String(40),
            sa.ForeignKey("interviews.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("question", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("not_before", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=False),
        sa.UniqueConstraint("interview_id", "question", "attempt"),
    )
    op.create_table(
        "grades",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("answer_id", sa.Integer, sa.ForeignKey("answers.id"), nullable=False, index=True),
        sa.Column("grader_key", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.UniqueConstraint("answer_id", "grader_key"),
    )
