"""What coaches work with: reviews, the queue's summaries, assignments, re-grades and the like.

Of the interviews that are here already the summaries are worked out at once.
"""

import json
from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "grades", sa.Column("beside", sa.Boolean, nullable=False, server_default=sa.false())
    )
    _reviews()
    _summaries()
    _assignments()
    _judgements()
    _fill_summaries()


def _interview(**options: Any) -> "sa.Column[str]":
    key = sa.ForeignKey("interviews.id", ondelete="CASCADE")
    return sa.Column("interview_id", sa.String(40), key, nullable=False, **options)


def _answer(nullable: bool = False, **options: Any) -> "sa.Column[int]":
    key = sa.ForeignKey("answers.id", ondelete="CASCADE")
    return sa.Column("answer_id", sa.Integer, key, nullable=nullable, **options)


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        _interview(index=True),
        _answer(nullable=True, index=True),
        sa.Column("coach_id", sa.String(64), nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("draft", sa.JSON, nullable=False),
        sa.Column("content", sa.JSON),
        sa.Column("unseen", sa.JSON),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("revealed_at", MOMENT),
        sa.UniqueConstraint("coach_id", "answer_id"),
    )
    op.create_index(
        "ix_reviews_whole",
        "reviews",
        ["coach_id", "interview_id"],
        unique=True,
        sqlite_where=sa.text("answer_id IS NULL"),
        postgresql_where=sa.text("answer_id IS NULL"),
    )
    op.create_table(
        "review_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "review_id",
            sa.Integer,
            sa.ForeignKey("reviews.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(80), nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
    )


def _summaries() -> None:
    op.create_table(
        "summaries",
        _interview(primary_key=True),
        sa.Column("candidate_id", sa.String(64), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("answers", "waiting", "ungraded", "unsure")
        ),
        sa.Column("assigned", sa.Boolean, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("reviewed_at", MOMENT),
        sa.Column("claimed_by", sa.String(64)),
        sa.Column("claimed_at", MOMENT),
    )
    for name, columns in (
        ("unsure", ["unsure", "answered_at", "interview_id"]),
        ("answered", ["answered_at", "interview_id"]),
        ("asked", ["asked_at", "interview_id"]),
        ("candidate", ["candidate_id", "answered_at"]),
        ("claimed", ["claimed_by"]),
    ):
        op.create_index(f"ix_summaries_{name}", "summaries", columns)


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("coach_id", sa.String(64), nullable=False, index=True),
        sa.Column("candidate_id", sa.String(64), index=True),
        sa.Column("group_id", sa.Integer, index=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("trade", sa.String(32), nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
    )
    op.create_table(
        "assigned_interviews",
        _interview(primary_key=True),
        sa.Column(
            "assignment_id",
            sa.String(40),
            sa.ForeignKey("assignments.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("candidate_id", sa.String(64), nullable=False, index=True),
        sa.UniqueConstraint("assignment_id", "candidate_id"),
    )
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("group_id", sa.Integer, nullable=False, index=True),
        sa.Column("invited_by", sa.String(64), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("used_by", sa.String(64)),
    )


def _judgements() -> None:
    op.create_table(
        "regrades",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch", sa.String(40), nullable=False),
        _answer(index=True),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("grader_key", sa.String(32)),
        sa.UniqueConstraint("batch", "answer_id"),
    )
    op.create_table(
        "self_ratings",
        _answer(primary_key=True, autoincrement=False),
        sa.Column("levels", sa.JSON),
        sa.Column("rated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "imported",
        sa.Column("external_id", sa.String(200), primary_key=True),
        _interview(index=True),
    )
    op.create_table(
        "calibration_levels",
        sa.Column("coach_id", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(200), primary_key=True),
        sa.Column("levels", sa.JSON, nullable=False),
        sa.Column("rated_at", MOMENT, nullable=False),
    )


def _fill_summaries() -> None:
    connection = op.get_bind()
    latest = "select max(id) from grades group by answer_id"
    unsure: Counter[int] = Counter()
    for answer, data in connection.execute(
        sa.text(f"select answer_id, data from grades where id in ({latest})")  # noqa: S608
    ):
        grade = json.loads(data) if isinstance(data, str) else data
        unsure[answer] = sum(
            1
            for rating in grade["ratings"].values()
            if rating.get("likely") and rating["likely"][1] - rating["likely"][0] >= 2
        )
    rows: dict[str, dict[str, Any]] = {}
    moment: sa.Table = sa.table(  # type: ignore[assignment]
        "answers",
        sa.column("id", sa.Integer),
        sa.column("interview_id", sa.String),
        sa.column("state", sa.String),
        sa.column("finished_at", MOMENT),
    )
    for answer in connection.execute(sa.select(moment)):
        row = rows.setdefault(answer.interview_id, _empty(answer.interview_id))
        row["answers"] += 1
        row["waiting"] += answer.state == "waiting"
        row["ungraded"] += answer.state == "ungraded"
        row["unsure"] += unsure[answer.id]
        row["answered_at"] = _later(row["answered_at"], answer.finished_at)
    turns = sa.table(
        "turns",
        sa.column("interview_id", sa.String),
        sa.column("kind", sa.String),
        sa.column("created_at", MOMENT),
    )
    for turn in connection.execute(sa.select(turns).where(turns.c.kind == "closing")):
        if row := rows.get(turn.interview_id, {}):
            row["finished_at"] = _later(row["finished_at"], turn.created_at)
    for interview_id, candidate in connection.execute(
        sa.text("select id, candidate_id from interviews")
    ):
        if interview_id in rows:
            rows[interview_id]["candidate_id"] = candidate
    if rows:
        summaries = sa.Table("summaries", sa.MetaData(), autoload_with=connection)
        for row in rows.values():
            connection.execute(summaries.insert().values(**row))


def _empty(interview_id: str) -> dict[str, Any]:
    return {
        "interview_id": interview_id,
        "answered_at": None,
        "finished_at": None,
        "answers": 0,
        "waiting": 0,
        "ungraded": 0,
        "unsure": 0,
        "assigned": False,
    }


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
