"""The store of re-grades: what is to be graded once more, and what came of it.

The grade that is shown stays; another grader's stands beside it, one for an answer and grader.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.grade import Grade
from mock_interviewer.storage import records
from mock_interviewer.storage.desk_tables import RegradeRow
from mock_interviewer.storage.records import AnswerState, StoredAnswer
from mock_interviewer.storage.tables import AnswerRow, GradeRow
from mock_interviewer.storage.waiting import LONGEST_PUT_OFF


class RegradeState(StrEnum):
    """Where one stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class StoredRegrade:
    """A wish to grade an answer once more."""

    id: int
    answer: StoredAnswer
    tries: int


@dataclass(frozen=True)
class Batch:
    """Re-grades that were asked for together, and how far they are."""

    id: str
    asked_by: str
    asked_at: datetime
    waiting: int
    done: int
    failed: int

    @property
    def total(self) -> int:
        """How many answers."""
        return self.waiting + self.done + self.failed


@dataclass(frozen=True)
class BatchedInterview:
    """An interview whose answers are in a batch, and how far these are."""

    interview_id: str
    waiting: int
    done: int
    failed: int


class RegradeStore:
    """All reads and writes of re-grades. Raises `StorageError` as `Store` does."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def ask(self, interview_ids: Collection[str], asked_by: str) -> Batch | None:
        """Have the graded answers of these interviews graded once more.

        None if there are none. Those without a grade have nothing to be held beside.
        """
        batch, now = records.new_id(), _now()
        graded = select(AnswerRow.id).where(
            AnswerRow.interview_id.in_(interview_ids), AnswerRow.state == AnswerState.GRADED
        )
        with self._session.begin() as session:
            session.add_all(
                RegradeRow(
                    batch=batch,
                    answer_id=answer_id,
                    asked_by=asked_by,
                    asked_at=now,
                    state=RegradeState.WAITING.value,
                    reason="",
                    not_before=now,
                )
                for answer_id in session.scalars(graded.order_by(AnswerRow.id))
            )
        return next(iter(self._batches(RegradeRow.batch == batch)), None)

    def batch(self, batch_id: str) -> Batch | None:
        """How far a batch is."""
        return next(iter(self._batches(RegradeRow.batch == batch_id)), None)

    def batches(self, asked_by: str) -> list[Batch]:
        """All that somebody asked for, the latest first."""
        return self._batches(RegradeRow.asked_by == asked_by)

    def stop(self, batch_id: str) -> None:
        """Give up what still waits; what is done stays."""
        waiting = (RegradeRow.batch == batch_id, RegradeRow.state == RegradeState.WAITING)
        with self._session.begin() as session:
            session.execute(delete(RegradeRow).where(*waiting))

    def reasons(self, batch_id: str) -> dict[int, str]:
        """Why answers of a batch have failed or are put off, by the answer's id."""
        query = select(RegradeRow.answer_id, RegradeRow.reason).where(
            RegradeRow.batch == batch_id, RegradeRow.reason != ""
        )
        with self._session() as session:
            return {row.answer_id: row.reason for row in session.execute(query)}

    def interviews(self, batch_id: str, most: int) -> list[BatchedInterview]:
        """Up to `most` interviews of a batch, in the order in which they are graded."""
        counts = [func.count().filter(RegradeRow.state == state) for state in RegradeState]
        query = (
            select(AnswerRow.interview_id, *counts)
            .join(AnswerRow, AnswerRow.id == RegradeRow.answer_id)
            .where(RegradeRow.batch == batch_id)
            .group_by(AnswerRow.interview_id)
            .order_by(func.min(RegradeRow.id))
            .limit(most)
        )
        with self._session() as session:
            return [
                BatchedInterview(interview_id, *counted)
                for interview_id, *counted in session.execute(query)
            ]

    def next_waiting(self) -> StoredRegrade | None:
        """The one that has waited longest and may be tried now."""
        return self._first()

    def if_waiting(self, regrade_id: int) -> StoredRegrade | None:
        """This one, if it waits and may be tried now."""
        return self._first(RegradeRow.id == regrade_id)

    def some_waiting(self, most: int) -> list[int]:
        """Ids of up to `most` that may be tried now, the longest waiting first."""
        query = select(RegradeRow.id).where(*_due()).order_by(RegradeRow.id).limit(most)
        with self._session() as session:
            return list(session.scalars(query))

    def finish_if_graded(self, regrade_id: int, grader_key: str) -> bool:
        """Whether there is a grade of this grader's already; then nothing is left to do."""
        same = (
            select(GradeRow.id)
            .join(RegradeRow, RegradeRow.answer_id == GradeRow.answer_id)
            .where(RegradeRow.id == regrade_id, GradeRow.grader_key == grader_key)
        )
        with self._session.begin() as session:
            found = session.scalar(same) is not None
            if found:
                _settle(session, regrade_id, RegradeState.DONE, grader_key=grader_key)
            return found

    def save(self, regrade_id: int, grade: Grade) -> None:
        """Put a grade beside the one that is shown; a second one by the same grader is dropped."""
        key = grade.stamp.grader_key
        try:
            with self._session.begin() as session:
                if not _settle(session, regrade_id, RegradeState.DONE, grader_key=key):
                    return  # stopped or deleted in the meantime
                session.add(
                    GradeRow(
                        answer_id=session.get_one(RegradeRow, regrade_id).answer_id,
                        grader_key=key,
                        data=grade.model_dump(mode="json"),
                        created_at=_now(),
                        beside=True,
                    )
                )
        except IntegrityError:
            self.finish_if_graded(regrade_id, key)

    def put_off(self, regrade_id: int, reason: str, seconds: float) -> None:
        """Try again no sooner than in `seconds`, an hour at most."""
        later = _now() + min(timedelta(seconds=seconds), LONGEST_PUT_OFF)
        tries = RegradeRow.tries + 1
        with self._session.begin() as session:
            _settle(
                session,
                regrade_id,
                RegradeState.WAITING,
                reason=reason,
                not_before=later,
                tries=tries,
            )

    def give_up(self, regrade_id: int, reason: str) -> None:
        """Say why it cannot be done."""
        with self._session.begin() as session:
            _settle(session, regrade_id, RegradeState.FAILED, reason=reason)

    def grades(self, answer_ids: Sequence[int]) -> dict[int, list[Grade]]:
        """All grades of these answers: the one that is shown first, then the newest first."""
        query = (
            select(GradeRow)
            .where(GradeRow.answer_id.in_(answer_ids))
            .order_by(GradeRow.beside, GradeRow.id.desc())
        )
        found: dict[int, list[Grade]] = {answer_id: [] for answer_id in answer_ids}
        with self._session() as session:
            for row in session.scalars(query):
                found[row.answer_id].append(Grade.model_validate(row.data))
        return found

    def _first(self, *which: ColumnElement[bool]) -> StoredRegrade | None:
        query = (
            select(RegradeRow, AnswerRow)
            .join(AnswerRow, AnswerRow.id == RegradeRow.answer_id)
            .where(*_due(), *which)
            .order_by(RegradeRow.id)
            .limit(1)
        )
        with self._session() as session:
            found = session.execute(query).first()
            if found is None:
                return None
            row, answer = found
            return StoredRegrade(row.id, records.answer(answer, None), row.tries)

    def _batches(self, which: ColumnElement[bool]) -> list[Batch]:
        counts = [func.count().filter(RegradeRow.state == state) for state in RegradeState]
        query = (
            select(RegradeRow.batch, RegradeRow.asked_by, RegradeRow.asked_at, *counts)
            .where(which)
            .group_by(RegradeRow.batch, RegradeRow.asked_by, RegradeRow.asked_at)
            .order_by(RegradeRow.asked_at.desc())
        )
        with self._session() as session:
            return [
                Batch(batch, asked_by, asked_at, *counted)
                for batch, asked_by, asked_at, *counted in session.execute(query)
            ]


def _due() -> tuple[ColumnElement[bool], ...]:
    now = _now()
    due = or_(
        RegradeRow.tries == 0,
        RegradeRow.not_before <= now,
        RegradeRow.not_before > now + LONGEST_PUT_OFF,  # the clock has been set back
    )
    return RegradeRow.state == RegradeState.WAITING, due


def _settle(session: Session, regrade_id: int, state: RegradeState, **values: Any) -> bool:
    """Bring one that still waits to a state; another worker may have done so before."""
    settled = session.execute(
        update(RegradeRow)
        .where(RegradeRow.id == regrade_id, RegradeRow.state == RegradeState.WAITING)
        .values({"state": state.value, "reason": "", **values})
    )
    return bool(cast(CursorResult[Any], settled).rowcount)


def _now() -> datetime:
    return datetime.now(UTC)
