"""The coach's tables: reviews beside grades, the queue's summaries, assignments, re-grades."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mock_interviewer.storage.tables import Base, Name, Words


class ReviewRow(Base):
    """One coach's judgement of one answer, or, without an answer, of the whole interview.

    `draft` is what is being written; `content` what was finished last, and what others see.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("coach_id", "answer_id"),
        Index(
            "ix_reviews_whole",
            "coach_id",
            "interview_id",
            unique=True,
            sqlite_where=text("answer_id IS NULL"),
            postgresql_where=text("answer_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("interviews.id", ondelete="CASCADE"), index=True
    )
    answer_id: Mapped[int | None] = mapped_column(
        ForeignKey("answers.id", ondelete="CASCADE"), index=True
    )
    coach_id: Mapped[str] = mapped_column(Name(64))
    blind: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=0)
    draft: Mapped[dict[str, Any]]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    unseen: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]


class ReviewChangeRow(Base):
    """One change of a finished review: never altered, only added to."""

    __tablename__ = "review_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(Name(64))
    what: Mapped[str] = mapped_column(Name(80))
    before: Mapped[str | None] = mapped_column(Words)
    after: Mapped[str | None] = mapped_column(Words)
    why: Mapped[str] = mapped_column(Words)


class SummaryRow(Base):
    """What the queue sorts and filters by: one row an interview that has a finished answer.

    Written in the transactions that change what it sums up, never by itself.
    """

    __tablename__ = "summaries"
    __table_args__ = (
        Index("ix_summaries_unsure", "unsure", "answered_at", "interview_id"),
        Index("ix_summaries_answered", "answered_at", "interview_id"),
        Index("ix_summaries_asked", "asked_at", "interview_id"),
        Index("ix_summaries_candidate", "candidate_id", "answered_at"),
        Index("ix_summaries_claimed", "claimed_by"),
    )

    interview_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("interviews.id", ondelete="CASCADE"), primary_key=True
    )
    candidate_id: Mapped[str] = mapped_column(Name(64))
    answered_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    answers: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    ungraded: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[int] = mapped_column(default=0)
    assigned: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(Name(64))
    claimed_at: Mapped[datetime | None]


class AssignmentRow(Base):
    """A practice set that a coach gave to one person or to a group."""

    __tablename__ = "assignments"

    id: Mapped[str] = mapped_column(Name(40), primary_key=True)
    coach_id: Mapped[str] = mapped_column(Name(64), index=True)
    candidate_id: Mapped[str | None] = mapped_column(Name(64), index=True)
    group_id: Mapped[int | None] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(Words)
    mode: Mapped[str] = mapped_column(String(16))
    trade: Mapped[str] = mapped_column(String(32))
    questions: Mapped[list[Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class AssignedInterviewRow(Base):
    """The interview in which a candidate does what was assigned: one for each of them."""

    __tablename__ = "assigned_interviews"
    __table_args__ = (UniqueConstraint("assignment_id", "candidate_id"),)

    interview_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("interviews.id", ondelete="CASCADE"), primary_key=True
    )
    assignment_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("assignments.id", ondelete="CASCADE")
    )
    candidate_id: Mapped[str] = mapped_column(Name(64), index=True)


class InvitationRow(Base):
    """A link that brings one new person into a group; only the hash of its token is kept."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    group_id: Mapped[int] = mapped_column(index=True)
    invited_by: Mapped[str] = mapped_column(Name(64))
    label: Mapped[str] = mapped_column(Words)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None] = mapped_column(Name(64))


class RegradeRow(Base):
    """A wish to grade an answer once more, beside the grade that is shown, and what came of it."""

    __tablename__ = "regrades"
    __table_args__ = (UniqueConstraint("batch", "answer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(String(40))
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), index=True)
    asked_by: Mapped[str] = mapped_column(Name(64))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str] = mapped_column(Words)
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    grader_key: Mapped[str | None] = mapped_column(String(32))


class SelfRatingRow(Base):
    """How a candidate rated their own answer before seeing its grade.

    Without levels they chose to see the grade first, which stands as well.
    """

    __tablename__ = "self_ratings"

    answer_id: Mapped[int] = mapped_column(
        ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    levels: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    rated_at: Mapped[datetime]


class ImportedRow(Base):
    """Which interview held elsewhere was brought in as which one here."""

    __tablename__ = "imported"

    external_id: Mapped[str] = mapped_column(Name(200), primary_key=True)
    interview_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("interviews.id", ondelete="CASCADE"), index=True
    )


class CalibrationRow(Base):
    """A coach's levels of a reference answer, given before the raters' were shown."""

    __tablename__ = "calibration_levels"

    coach_id: Mapped[str] = mapped_column(Name(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(Name(200), primary_key=True)
    levels: Mapped[dict[str, Any]]
    rated_at: Mapped[datetime]
