"""The finished answers that wait for their grades, and what becomes of each.

Other processes may take the same answers: each change locks its row, and a grade that is there
is never undone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.grade import Grade
from mock_interviewer.errors import NotFoundError
from mock_interviewer.storage import records, summaries
from mock_interviewer.storage.records import AnswerState, StoredAnswer
from mock_interviewer.storage.sessions import GONE
from mock_interviewer.storage.tables import AnswerRow, GradeRow

OnWaiting = Callable[[Connection, int], None]
"""Told of each answer that begins to wait for its grade, inside of the same transaction."""

LONGEST_PUT_OFF = timedelta(hours=1)


class WaitingAnswers:
    """The grading of finished answers. May be used from several threads.

    Raises `StorageError` as `Store` does.
    """

    def __init__(self, sessions: sessionmaker[Session], on_waiting: OnWaiting) -> None:
        self._session = sessions
        self._on_waiting = on_waiting

    def next(self, besides: Collection[int] = ()) -> StoredAnswer | None:
        """The answer that has waited longest for its grade and may be tried now."""
        due = (*_due(), AnswerRow.id.not_in(besides))
        query = select(AnswerRow).where(*due).order_by(AnswerRow.id).limit(1)
        with self._session() as session:
            row = session.scalars(query).first()
            return stored_answer(session, row) if row else None

    def get(self, answer_id: int) -> StoredAnswer | None:
        """This answer, if it waits for its grade and may be tried now."""
        with self._session() as session:
            row = session.scalars(
                select(AnswerRow).where(AnswerRow.id == answer_id, *_due())
            ).first()
            return stored_answer(session, row) if row else None

    def ids(self) -> list[int]:
        """Ids of all answers that wait and may be tried now, the longest waiting first."""
        with self._session() as session:
            query = select(AnswerRow.id).where(*_due()).order_by(AnswerRow.id)
            return list(session.scalars(query))

    def add(self, session: Session, interview_id: str, finished: Sequence[tuple[int, int]]) -> bool:
        """In this transaction, let the new ones of these wait; returns whether there are any."""
        known = {
            (row.question, row.attempt)
            for row in session.scalars(
                select(AnswerRow).where(AnswerRow.interview_id == interview_id)
            )
        }
        rows = [
            AnswerRow(
                interview_id=interview_id,
                question=question,
                attempt=attempt,
                state=AnswerState.WAITING.value,
                not_before=_now(),
                finished_at=_now(),
            )
            for question, attempt in finished
            if (question, attempt) not in known
        ]
        session.add_all(rows)
        self._tell(session, rows)
        return bool(rows)

    def save_grade(self, answer_id: int, grade: Grade, interview_id: str | None = None) -> None:
        """Store a grade. A second one by the same grader is dropped: the first one stands.

        `interview_id`, here and below: raise `NotFoundError` unless the answer is of this
        interview; SQLite gives the number of a deleted answer to another one.
        """
        try:
            with self._session.begin() as session:
                session.add(
                    GradeRow(
                        answer_id=answer_id,
                        grader_key=grade.stamp.grader_key,
                        data=grade.model_dump(mode="json"),
                        created_at=_now(),
                    )
                )
                session.flush()  # from here on nobody else writes, and whose answer it is holds
                row = _locked(session, answer_id, interview_id)
                _settle(session, row, AnswerState.GRADED, "")
        except IntegrityError:
            with self._session.begin() as session:
                row = _locked(session, answer_id, interview_id)
                _settle(session, row, AnswerState.GRADED, "")

    def put_off(
        self, answer_id: int, reason: str, seconds: float, interview_id: str | None = None
    ) -> None:
        """Keep the answer waiting and try again no sooner than in `seconds`, an hour at most.

        One that another worker has graded in the meantime stays graded.
        """
        with self._session.begin() as session:
            row = _locked(session, answer_id, interview_id)
            if row.state != AnswerState.GRADED:
                _set_state(row, AnswerState.WAITING, reason)
                row.tries += 1
                row.not_before = _now() + min(timedelta(seconds=seconds), LONGEST_PUT_OFF)

    def give_up(self, answer_id: int, reason: str, interview_id: str | None = None) -> None:
        """Mark the answer as ungraded, with the reason, unless it has been graded by now."""
        with self._session.begin() as session:
            row = _locked(session, answer_id, interview_id)
            if row.state != AnswerState.GRADED:
                _settle(session, row, AnswerState.UNGRADED, reason)

    def retry(self, interview_id: str) -> int:
        """Let this interview's ungraded and put-off answers be tried at once; returns how many."""
        with self._session.begin() as session:
            rows = session.scalars(
                select(AnswerRow).where(
                    AnswerRow.interview_id == interview_id, AnswerRow.state != AnswerState.GRADED
                )
            ).all()
            for row in rows:
                row.state, row.tries, row.not_before = AnswerState.WAITING, 0, _now()
            self._tell(session, rows)
            summaries.refresh(session, interview_id)
            return len(rows)

    def _tell(self, session: Session, rows: Sequence[AnswerRow]) -> None:
        session.flush()  # which gives new rows their ids
        for row in rows:
            self._on_waiting(session.connection(), row.id)


def stored_answer(session: Session, row: AnswerRow) -> StoredAnswer:
    """The answer of this row, with the latest of the grades that are shown."""
    latest = session.scalars(
        select(GradeRow)
        .where(GradeRow.answer_id == row.id, ~GradeRow.beside)
        .order_by(GradeRow.id.desc())
        .limit(1)
    ).first()
    return records.answer(row, latest)


def _now() -> datetime:
    return datetime.now(UTC)


def _due() -> tuple[ColumnElement[bool], ...]:
    now = _now()
    due = or_(
        AnswerRow.tries == 0,
        AnswerRow.not_before <= now,
        AnswerRow.not_before > now + LONGEST_PUT_OFF,  # the clock has been set back
    )
    return AnswerRow.state == AnswerState.WAITING, due


def _locked(session: Session, answer_id: int, interview_id: str | None) -> AnswerRow:
    """The answer, which no other worker changes until the transaction ends."""
    row = session.get(AnswerRow, answer_id, with_for_update={"key_share": True})
    if row is None or interview_id not in (None, row.interview_id):
        raise NotFoundError(GONE)
    return row


def _settle(session: Session, row: AnswerRow, state: AnswerState, reason: str) -> None:
    """Say how its grading ended, here and in the queue of the coaches."""
    _set_state(row, state, reason)
    summaries.refresh(session, row.interview_id)


def _set_state(row: AnswerRow, state: AnswerState, reason: str) -> None:
    row.state, row.reason = state.value, reason
