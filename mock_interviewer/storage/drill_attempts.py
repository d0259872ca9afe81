"""Attempts at drills: what was sent, the feedback on it, and when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.drill_marks import Feedback
from mock_interviewer.core.spacing import Attempt
from mock_interviewer.storage.tables import DrillAttemptRow


@dataclass(frozen=True)
class StoredAttempt:
    """An attempt as it is on disk. `sent`: the line, or what was chosen or marked."""

    id: int
    person_id: str
    drill_id: str
    made_at: datetime
    sent: Any
    feedback: Feedback


class DrillAttempts:
    """All reads and writes of attempts. May be used from several threads; raises `StorageError`."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        """`sessions`: of the store's own engine, whose database has the newest schema."""
        self._session = sessions

    def add(
        self,
        person_id: str,
        drill_id: str,
        sent: Any,
        feedback: Feedback,
        now: datetime | None = None,
    ) -> int:
        """Store an attempt; returns its id. `sent` is a text or can be written as JSON."""
        row = DrillAttemptRow(
            person_id=person_id,
            drill_id=drill_id,
            made_at=now or datetime.now(UTC),
            score=feedback.score,
            marked_by=feedback.marked_by.value,
            attempt=json.dumps(sent, ensure_ascii=False),
            feedback=feedback.model_dump(mode="json"),
        )
        with self._session.begin() as session:
            session.add(row)
            session.flush()
            return row.id

    def of_person(self, person_id: str) -> list[StoredAttempt]:
        """A person's attempts, the oldest first."""
        wanted = select(DrillAttemptRow).where(DrillAttemptRow.person_id == person_id)
        with self._session() as session:
            rows = session.scalars(wanted.order_by(DrillAttemptRow.made_at, DrillAttemptRow.id))
            return [_stored(row) for row in rows]

    def for_spacing(self, person_id: str) -> list[Attempt]:
        """The same, as far as `core.spacing` needs them."""
        row = DrillAttemptRow
        wanted = select(row.drill_id, row.made_at, row.score).where(row.person_id == person_id)
        with self._session() as session:
            return [
                Attempt(person_id, drill_id, made_at, score)
                for drill_id, made_at, score in session.execute(
                    wanted.order_by(row.made_at, row.id)
                )
            ]

    def get(self, person_id: str, number: int) -> StoredAttempt | None:
        """One of a person's attempts, None if they have none of this number."""
        mine = (DrillAttemptRow.person_id == person_id, DrillAttemptRow.id == number)
        with self._session() as session:
            row = session.scalars(select(DrillAttemptRow).where(*mine)).one_or_none()
            return _stored(row) if row else None

    def mark(self, person_id: str, number: int, feedback: Feedback) -> None:
        """Put the person's own marking in place of feedback without a score."""
        mine = (DrillAttemptRow.person_id == person_id, DrillAttemptRow.id == number)
        marked = {
            "score": feedback.score,
            "marked_by": feedback.marked_by.value,
            "feedback": feedback.model_dump(mode="json"),
        }
        with self._session.begin() as session:
            session.execute(update(DrillAttemptRow).where(*mine).values(**marked))

    def delete_between(self, earliest: datetime, before: datetime) -> int:
        """Delete everybody's attempts made in this time; returns how many there were."""
        made = DrillAttemptRow.made_at
        gone = delete(DrillAttemptRow).where(made >= earliest, made < before)
        with self._session.begin() as session:
            return len(session.scalars(gone.returning(DrillAttemptRow.id)).all())

    def delete_of(self, person_id: str) -> int:
        """Delete all of a person's attempts; returns how many there were."""
        gone = delete(DrillAttemptRow).where(DrillAttemptRow.person_id == person_id)
        with self._session.begin() as session:
            return len(session.scalars(gone.returning(DrillAttemptRow.id)).all())


def _stored(row: DrillAttemptRow) -> StoredAttempt:
    return StoredAttempt(
        id=row.id,
        person_id=row.person_id,
        drill_id=row.drill_id,
        made_at=row.made_at,
        sent=json.loads(row.attempt),
        feedback=Feedback.model_validate(row.feedback),
    )
