"""Giving what has just been stored the dates of earlier days, for the demo only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.storage import summaries
from mock_interviewer.storage.desk_tables import (
    AssignmentRow,
    ReviewChangeRow,
    ReviewRow,
    SelfRatingRow,
    SummaryRow,
)
from mock_interviewer.storage.tables import AnswerRow, GradeRow, InterviewRow, TurnRow

BETWEEN_TURNS = timedelta(seconds=80)
UNTIL_GRADED = timedelta(seconds=40)
UNTIL_RATED = timedelta(seconds=30)
UNTIL_ASKED = timedelta(minutes=5)
FOR_A_REVIEW = timedelta(minutes=4)
BETWEEN_COACHES = timedelta(hours=2)


def date_interview(
    sessions: sessionmaker[Session], interview_id: str, held_at: datetime, looked_at: datetime
) -> None:
    """Let an interview begin at `held_at`, and the first coach's look at it at `looked_at`."""
    with sessions.begin() as session:
        session.get_one(InterviewRow, interview_id).created_at = held_at
        said_at: dict[tuple[int, int], datetime] = {}
        moment = held_at
        of_it = TurnRow.interview_id == interview_id
        for turn in session.scalars(select(TurnRow).where(of_it).order_by(TurnRow.number)):
            moment = held_at + BETWEEN_TURNS * turn.number
            turn.created_at = said_at[turn.question, turn.attempt] = moment
        for answer in session.scalars(
            select(AnswerRow).where(AnswerRow.interview_id == interview_id)
        ):
            _date_answer(session, answer, said_at[answer.question, answer.attempt])
        _date_reviews(session, interview_id, looked_at)
        summaries.refresh(session, interview_id)
        summary = session.get(SummaryRow, interview_id)
        if summary is not None and summary.asked_at is not None:
            summary.asked_at = moment + UNTIL_ASKED


def date_assignment(sessions: sessionmaker[Session], assignment_id: str, at: datetime) -> None:
    """Let an assignment have been given at this time."""
    with sessions.begin() as session:
        session.get_one(AssignmentRow, assignment_id).created_at = at


def _date_answer(session: Session, answer: AnswerRow, at: datetime) -> None:
    answer.finished_at = answer.not_before = at
    shown = select(GradeRow).where(GradeRow.answer_id == answer.id, ~GradeRow.beside)
    for grade in session.scalars(shown):
        grade.created_at = at + UNTIL_GRADED
        stamp = grade.data["stamp"] | {"graded_at": grade.created_at.isoformat()}
        grade.data = grade.data | {"stamp": stamp}
    rated = session.get(SelfRatingRow, answer.id)
    if rated is not None:
        rated.rated_at = at + UNTIL_RATED


def _date_reviews(session: Session, interview_id: str, looked_at: datetime) -> None:
    query = select(ReviewRow).where(ReviewRow.interview_id == interview_id).order_by(ReviewRow.id)
    begun: dict[str, datetime] = {}
    for review in session.scalars(query):
        first = looked_at + BETWEEN_COACHES * len(begun)
        review.begun_at = begun.setdefault(review.coach_id, first)
        review.saved_at = begun[review.coach_id] = begun[review.coach_id] + FOR_A_REVIEW
        if review.done_at is not None:
            review.done_at = review.saved_at
        if review.revealed_at is not None:
            review.revealed_at = review.saved_at
        changes = select(ReviewChangeRow).where(ReviewChangeRow.review_id == review.id)
        for change in session.scalars(changes):
            change.at = review.saved_at
