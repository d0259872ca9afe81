"""An interview with everything that hangs on it, as exports and a person's own data need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.errors import NotFoundError
from mock_interviewer.storage import records
from mock_interviewer.storage.desk_tables import ReviewRow, SelfRatingRow
from mock_interviewer.storage.records import StoredAnswer, StoredInterview
from mock_interviewer.storage.tables import AnswerRow, GradeRow, InterviewRow, TurnRow


@dataclass(frozen=True)
class WholeAnswer:
    """A finished answer with all of its grades, the one that is shown last."""

    answer: StoredAnswer
    finished_at: datetime
    grades: tuple[Grade, ...]
    own: Mapping[str, int | None] = field(default_factory=dict)
    """The candidate's own levels, given before the grade was seen; none if it was not rated."""


@dataclass(frozen=True)
class WholeReview:
    """A review that a coach has finished: of one answer, or with none of the whole interview."""

    answer_id: int | None
    coach_id: str
    blind: bool
    done_at: datetime
    content: Findings
    unseen: Findings | None
    """As given before the grade was seen; None unless graded blind."""


@dataclass(frozen=True)
class WholeInterview:
    """An interview, when each of its turns was said, its answers, and what coaches finished."""

    interview: StoredInterview
    said_at: tuple[datetime, ...]
    answers: tuple[WholeAnswer, ...]
    reviews: tuple[WholeReview, ...] = ()
    """The one finished last is last."""

    @property
    def stored_answers(self) -> list[StoredAnswer]:
        """The answers as a report wants them."""
        return [whole.answer for whole in self.answers]


@dataclass(frozen=True)
class InterviewSummary:
    """One line of a list; `answers` are the finished ones."""

    id: str
    begun_at: datetime
    questions: int
    answers: int
    may_become_case: bool


def whole(sessions: sessionmaker[Session], interview_id: str) -> WholeInterview:
    """Everything stored of one interview, as of one moment. Raises `NotFoundError`."""
    with sessions() as session:
        row = session.get(InterviewRow, interview_id)
        if row is None:
            raise NotFoundError("There is no such interview here. It may have been deleted.")
        turns = session.scalars(
            select(TurnRow).where(TurnRow.interview_id == interview_id).order_by(TurnRow.number)
        ).all()
        answers = session.scalars(
            select(AnswerRow)
            .where(AnswerRow.interview_id == interview_id)
            .order_by(AnswerRow.question, AnswerRow.attempt)
        ).all()
        return WholeInterview(
            interview=records.interview(row, turns),
            said_at=tuple(turn.created_at for turn in turns),
            answers=tuple(_answer(session, answer) for answer in answers),
            reviews=_reviews(session, interview_id),
        )


def ids_of(sessions: sessionmaker[Session], candidate_id: str | None) -> Sequence[str]:
    """Ids of a candidate's interviews, or with None of all, the earliest first."""
    query = select(InterviewRow.id).order_by(InterviewRow.created_at, InterviewRow.id)
    if candidate_id is not None:
        query = query.where(InterviewRow.candidate_id == candidate_id)
    with sessions() as session:
        return session.scalars(query).all()


def summaries_of(sessions: sessionmaker[Session], candidate_id: str) -> Sequence[InterviewSummary]:
    """A candidate's interviews in short, the latest first."""
    answers = (
        select(func.count(AnswerRow.id))
        .where(AnswerRow.interview_id == InterviewRow.id)
        .scalar_subquery()
    )
    query = (
        select(
            InterviewRow.id,
            InterviewRow.created_at,
            InterviewRow.questions,
            answers,
            InterviewRow.may_become_case,
        )
        .where(InterviewRow.candidate_id == candidate_id)
        .order_by(InterviewRow.created_at.desc(), InterviewRow.id)
    )
    with sessions() as session:
        return [
            InterviewSummary(name, begun_at, len(questions), count, agreed)
            for name, begun_at, questions, count, agreed in session.execute(query)
        ]


def _answer(session: Session, row: AnswerRow) -> WholeAnswer:
    grades = session.scalars(
        select(GradeRow)
        .where(GradeRow.answer_id == row.id)
        .order_by(~GradeRow.beside, GradeRow.id)  # those made beside it come before the shown one
    ).all()
    rated = session.get(SelfRatingRow, row.id)
    return WholeAnswer(
        answer=records.answer(row, grades[-1] if grades else None),
        finished_at=row.finished_at,
        grades=tuple(Grade.model_validate(grade.data) for grade in grades),
        own=(rated.levels or {}) if rated else {},
    )


def _reviews(session: Session, interview_id: str) -> tuple[WholeReview, ...]:
    query = (
        select(ReviewRow)
        .where(ReviewRow.interview_id == interview_id, ReviewRow.done_at.is_not(None))
        .order_by(ReviewRow.done_at, ReviewRow.id)
    )
    return tuple(
        WholeReview(
            answer_id=row.answer_id,
            coach_id=row.coach_id,
            blind=row.blind,
            done_at=row.done_at,
            content=Findings.model_validate(row.content),
            unseen=Findings.model_validate(row.unseen) if row.unseen else None,
        )
        for row in session.scalars(query)
        if row.done_at is not None
    )
