"""Answers of candidates with every view of them, for progress over time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.interview import Mode
from mock_interviewer.core.questions import Question
from mock_interviewer.storage.desk_tables import ReviewRow, SelfRatingRow
from mock_interviewer.storage.tables import AnswerRow, GradeRow, InterviewRow


@dataclass(frozen=True)
class RatedAnswer:
    """An answer, the grade that is shown of it, and what people said of it."""

    id: int
    interview_id: str
    candidate_id: str
    question: Question
    place: int
    attempt: int
    finished_at: datetime
    grade: Grade | None
    review: Findings | None
    """The review that was finished last."""
    own: dict[str, int | None] | None
    mode: Mode
    rates_first: bool
    said: bool
    """Whether its candidate has rated it, or chosen to see the grade without."""


class RatedStore:
    """Reads of them."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def of(self, candidate_ids: Collection[str], *, shared_only: bool) -> list[RatedAnswer]:
        """All finished answers of these candidates, the oldest first."""
        shown = (
            select(GradeRow.answer_id, func.max(GradeRow.id).label("id"))
            .where(~GradeRow.beside)
            .group_by(GradeRow.answer_id)
            .subquery()
        )
        query = (
            select(
                AnswerRow,
                InterviewRow,
                GradeRow.data,
                SelfRatingRow.levels,
                SelfRatingRow.rated_at,
            )
            .join(InterviewRow, InterviewRow.id == AnswerRow.interview_id)
            .outerjoin(shown, shown.c.answer_id == AnswerRow.id)
            .outerjoin(GradeRow, GradeRow.id == shown.c.id)
            .outerjoin(SelfRatingRow, SelfRatingRow.answer_id == AnswerRow.id)
            .where(InterviewRow.candidate_id.in_(candidate_ids))
            .order_by(AnswerRow.finished_at, AnswerRow.id)
        )
        if shared_only:
            query = query.where(InterviewRow.shared)
        with self._session() as session:
            rows = session.execute(query).all()
            reviews = _latest_reviews(session, {interview.id for _, interview, *_ in rows})
            return [
                RatedAnswer(
                    id=answer.id,
                    interview_id=interview.id,
                    candidate_id=interview.candidate_id,
                    question=Question.model_validate(interview.questions[answer.question]),
                    place=answer.question,
                    attempt=answer.attempt,
                    finished_at=answer.finished_at,
                    grade=Grade.model_validate(grade) if grade else None,
                    review=reviews.get(answer.id),
                    own=own,
                    mode=Mode(interview.mode),
                    rates_first=interview.rates_first,
                    said=said_at is not None,
                )
                for answer, interview, grade, own, said_at in rows
            ]


def _latest_reviews(session: Session, interview_ids: Iterable[str]) -> dict[int, Findings]:
    query = (
        select(ReviewRow.answer_id, ReviewRow.content)
        .where(ReviewRow.interview_id.in_(list(interview_ids)), ReviewRow.done_at.is_not(None))
        .where(ReviewRow.answer_id.is_not(None))
        .order_by(ReviewRow.done_at, ReviewRow.id)
    )
    return {
        answer_id: Findings.model_validate(content)
        for answer_id, content in session.execute(query)
        if answer_id is not None
    }
