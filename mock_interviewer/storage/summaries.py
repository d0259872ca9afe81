"""What the queue sorts by, summed up in the transactions that change it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mock_interviewer.core.grade import Grade, unsure
from mock_interviewer.core.interview import TurnKind
from mock_interviewer.storage.desk_tables import AssignedInterviewRow, ReviewRow, SummaryRow
from mock_interviewer.storage.tables import AnswerRow, GradeRow, InterviewRow, TurnRow


def refresh(session: Session, interview_id: str) -> None:
    """Bring an interview's summary up to what this transaction has made of the interview.

    An interview without a finished answer has none. The summary is locked before anything is
    counted, so that of two transactions the later one counts what the other has changed.
    """
    session.flush()
    answered_at = session.scalar(
        select(func.max(AnswerRow.finished_at)).where(AnswerRow.interview_id == interview_id)
    )
    if answered_at is None:
        return
    _make(session, interview_id)
    row = session.get_one(SummaryRow, interview_id, with_for_update=True, populate_existing=True)
    states = list(
        session.execute(
            select(AnswerRow.id, AnswerRow.state, AnswerRow.finished_at).where(
                AnswerRow.interview_id == interview_id
            )
        )
    )
    row.answers = len(states)
    row.waiting = sum(1 for each in states if each.state == "waiting")
    row.ungraded = sum(1 for each in states if each.state == "ungraded")
    row.answered_at = max(each.finished_at for each in states)
    row.unsure = sum(unsure(grade) for grade in _grades(session, interview_id))
    row.finished_at = session.scalar(
        select(func.max(TurnRow.created_at)).where(
            TurnRow.interview_id == interview_id, TurnRow.kind == TurnKind.CLOSING.value
        )
    )
    row.assigned = session.get(AssignedInterviewRow, interview_id) is not None
    row.reviewed_at = session.scalar(
        select(func.max(ReviewRow.done_at)).where(ReviewRow.interview_id == interview_id)
    )


def _make(session: Session, interview_id: str) -> None:
    candidate_id, created_at = session.execute(
        select(InterviewRow.candidate_id, InterviewRow.created_at).where(
            InterviewRow.id == interview_id
        )
    ).one()
    values = {
        "interview_id": interview_id,
        "candidate_id": candidate_id,
        "answered_at": created_at,
        **dict.fromkeys(("answers", "waiting", "ungraded", "unsure"), 0),
        "assigned": False,
    }
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if postgres else sqlite.insert
    session.execute(insert(SummaryRow).values(values).on_conflict_do_nothing())


def _grades(session: Session, interview_id: str) -> list[Grade]:
    """The grade that is shown of each answer."""
    shown = (
        select(func.max(GradeRow.id))
        .join(AnswerRow, AnswerRow.id == GradeRow.answer_id)
        .where(AnswerRow.interview_id == interview_id, ~GradeRow.beside)
        .group_by(GradeRow.answer_id)
    )
    rows = session.scalars(select(GradeRow.data).where(GradeRow.id.in_(shown)))
    return [Grade.model_validate(data) for data in rows]
