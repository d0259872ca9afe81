"""What coaches and the machine said of the same answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.storage.account_tables import UserRow
from mock_interviewer.storage.desk_tables import ReviewRow
from mock_interviewer.storage.tables import AnswerRow, GradeRow, InterviewRow


@dataclass(frozen=True)
class Judgement:
    """A finished review of one answer, and the grade that is shown of it."""

    interview_id: str
    candidate_id: str
    shared: bool
    answer_id: int
    question: int
    attempt: int
    coach_id: str
    coach: str
    """Name of the coach; empty without accounts."""
    unseen: Findings | None
    """As given blind; None where the machine's levels had been seen."""
    content: Findings
    done_at: datetime
    grade: Grade | None


class JudgementStore:
    """Reads of what was judged."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def by(self, coach_ids: Collection[str]) -> list[Judgement]:
        """All finished reviews of answers by these coaches, the first finished first."""
        return self._judged(ReviewRow.coach_id.in_(coach_ids))

    def on_answers(self, answer_ids: Collection[int]) -> list[Judgement]:
        """All finished reviews of these answers."""
        return self._judged(ReviewRow.answer_id.in_(answer_ids))

    def hidden_from(self, coach_id: str) -> set[int]:
        """Ids of the answers whose grades are kept from this coach."""
        query = select(ReviewRow.answer_id).where(
            ReviewRow.coach_id == coach_id, ReviewRow.blind, ReviewRow.revealed_at.is_(None)
        )
        with self._session() as session:
            return {found for found in session.scalars(query) if found is not None}

    def interviews_hidden_from(self, coach_id: str) -> set[str]:
        """Ids of the interviews of which a grade is kept from this coach."""
        query = select(ReviewRow.interview_id).where(
            ReviewRow.coach_id == coach_id,
            ReviewRow.answer_id.is_not(None),
            ReviewRow.blind,
            ReviewRow.revealed_at.is_(None),
        )
        with self._session() as session:
            return set(session.scalars(query))

    def _judged(self, which: object) -> list[Judgement]:
        shown = (
            select(GradeRow.answer_id, func.max(GradeRow.id).label("id"))
            .where(~GradeRow.beside)
            .group_by(GradeRow.answer_id)
            .subquery()
        )
        query = (
            select(ReviewRow, AnswerRow, InterviewRow, UserRow.name, GradeRow.data)
            .join(AnswerRow, AnswerRow.id == ReviewRow.answer_id)
            .join(InterviewRow, InterviewRow.id == ReviewRow.interview_id)
            .outerjoin(UserRow, UserRow.id == ReviewRow.coach_id)
            .outerjoin(shown, shown.c.answer_id == AnswerRow.id)
            .outerjoin(GradeRow, GradeRow.id == shown.c.id)
            .where(and_(ReviewRow.done_at.is_not(None), which))  # type: ignore[arg-type]
            .order_by(ReviewRow.done_at, ReviewRow.id)
        )
        with self._session() as session:
            return [
                Judgement(
                    interview_id=interview.id,
                    candidate_id=interview.candidate_id,
                    shared=interview.shared,
                    answer_id=answer.id,
                    question=answer.question,
                    attempt=answer.attempt,
                    coach_id=review.coach_id,
                    coach=name or "",
                    unseen=Findings.model_validate(review.unseen) if review.unseen else None,
                    content=Findings.model_validate(review.content),
                    done_at=review.done_at,
                    grade=Grade.model_validate(grade) if grade else None,
                )
                for review, answer, interview, name, grade in session.execute(query)
            ]
