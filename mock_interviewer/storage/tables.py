"""The tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A point in time, in UTC; SQLite keeps no time zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class _WithoutNul(TypeDecorator[str]):
    """PostgreSQL keeps no character NUL, so that it is replaced, by one as long, on both."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\x00", "\ufffd")


class Words(_WithoutNul):
    """What people or models wrote."""

    impl = Text
    cache_ok = True


class Name(_WithoutNul):
    """A short name, which may come from outside."""

    impl = String
    cache_ok = True


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class InterviewRow(Base):
    """An interview with its plan: whole questions, so that a changed bank changes nothing here."""

    __tablename__ = "interviews"

    id: Mapped[str] = mapped_column(Name(40), primary_key=True)
    candidate_id: Mapped[str] = mapped_column(Name(64), index=True)
    created_at: Mapped[datetime]
    mode: Mapped[str] = mapped_column(String(16))
    trade: Mapped[str] = mapped_column(String(32))
    questions: Mapped[list[Any]]
    draft: Mapped[str] = mapped_column(Words, default="")
    prompt_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cached_tokens: Mapped[int] = mapped_column(Integer, default=0)
    completion_tokens: Mapped[int] = mapped_column(Integer, default=0)
    may_become_case: Mapped[bool] = mapped_column(default=False, server_default=false())
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    rates_first: Mapped[bool] = mapped_column(default=False, server_default=false())


class TurnRow(Base):
    """One turn. The primary key is what makes two turns of one number impossible."""

    __tablename__ = "turns"

    interview_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("interviews.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Words)
    question: Mapped[int]
    attempt: Mapped[int]
    aim: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]


class AnswerRow(Base):
    """A finished answer and where its grading stands: what waits to be graded is read off here."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("interview_id", "question", "attempt"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[str] = mapped_column(Name(40), ForeignKey("interviews.id"), index=True)
    question: Mapped[int]
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str] = mapped_column(Words, default="")
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    finished_at: Mapped[datetime]


class GradeRow(Base):
    """A grade: at most one for an answer and grader, and never changed."""

    __tablename__ = "grades"
    __table_args__ = (UniqueConstraint("answer_id", "grader_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id"), index=True)
    grader_key: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    beside: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Made later, to be held beside the grade that is shown."""


class DrillAttemptRow(Base):
    """One attempt at a drill, with the feedback as it was shown.

    Only a line without a score changes: its author may mark it.
    """

    __tablename__ = "drill_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(Name(64), index=True)
    drill_id: Mapped[str] = mapped_column(Name(60))
    made_at: Mapped[datetime]
    score: Mapped[float | None] = mapped_column(Float)
    marked_by: Mapped[str] = mapped_column(String(16))
    attempt: Mapped[str] = mapped_column(Words)
    feedback: Mapped[dict[str, Any]]
