"""Who is who at the desk: names of people, and of those who have reviewed an interview."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.storage.account_tables import UserRow
from mock_interviewer.storage.desk_tables import ReviewRow
from mock_interviewer.storage.reviews import ReviewState


class Reviewers:
    """Reads names, many at once."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """The name of each of these people who has an account."""
        query = select(UserRow.id, UserRow.name).where(UserRow.id.in_(set(ids)))
        with self._session() as session:
            return {row.id: row.name for row in session.execute(query)}

    def of(self, interview_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """By interview, the ids of those who have finished a review in it, the first one first."""
        query = (
            select(ReviewRow.interview_id, ReviewRow.coach_id)
            .where(
                ReviewRow.interview_id.in_(set(interview_ids)),
                ReviewRow.state == ReviewState.DONE.value,
            )
            .order_by(ReviewRow.done_at, ReviewRow.id)
        )
        found: dict[str, dict[str, None]] = {}
        with self._session() as session:
            for interview_id, coach_id in session.execute(query):
                found.setdefault(interview_id, {})[coach_id] = None
        return {interview_id: tuple(coaches) for interview_id, coaches in found.items()}
