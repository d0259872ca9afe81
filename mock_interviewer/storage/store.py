"""The store: interviews, turns, answers and grades, each change committed before it returns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Update,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.grade import Grade, Usage
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Question
from mock_interviewer.errors import ConfigurationError, NotFoundError, StaleTurnError, StorageError
from mock_interviewer.storage import records, summaries
from mock_interviewer.storage.engine import make_engine
from mock_interviewer.storage.migrate import upgrade
from mock_interviewer.storage.records import AnswerState, StoredAnswer, StoredInterview
from mock_interviewer.storage.sessions import GONE, StoreSession
from mock_interviewer.storage.tables import AnswerRow, GradeRow, InterviewRow, TurnRow

OnWaiting = Callable[[Connection, int], None]
"""Told of each answer that begins to wait for its grade, inside of the same transaction."""

LONGEST_PUT_OFF = timedelta(hours=1)


class Store:
    """All reads and writes. May be used from several threads.

    Any of them raises `StorageError` while a PostgreSQL server is away, or the disk under a file
    is full, read-only or at fault, or another program keeps it locked; then nothing is stored.
    """

    def __init__(
        self, url: str, on_waiting: OnWaiting = lambda connection, answer_id: None
    ) -> None:
        """Open the database and bring it to the newest schema. Raises `ConfigurationError`."""
        self._on_waiting = on_waiting
        self._engine = make_engine(url)
        try:
            upgrade(self._engine)
        except StorageError as error:
            if url.startswith("sqlite"):
                raise
            raise ConfigurationError(
                "The database of MOCK_INTERVIEWER_DATABASE_URL cannot be used: "
                f"{error.detail.splitlines()[0]}."
            ) from error
        self._session: sessionmaker[Session] = sessionmaker(
            self._engine, class_=StoreSession, expire_on_commit=False
        )
        # Typing saves many drafts; to force each to the disk would hold up everybody's turns.
        in_file = url.startswith("sqlite")
        self._drafts_engine = make_engine(url, forced=False) if in_file else self._engine
        self._drafts = sessionmaker(self._drafts_engine)

    @property
    def sessions(self) -> sessionmaker[Session]:
        """For the stores of other things in the same database."""
        return self._session

    @property
    def engine(self) -> Engine:
        """The database, for what has a module of its own beside this one."""
        return self._engine

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        self._drafts_engine.dispose()

    def create_interview(
        self, *, candidate_id: str, mode: Mode, trade: str, questions: Sequence[Question]
    ) -> str:
        """Store a new interview with no turns yet; returns its unguessable id."""
        row = records.interview_row(candidate_id, mode, trade, questions, _now())
        interview_id = row.id
        with self._session.begin() as session:
            session.add(row)
        return interview_id

    def interview(self, interview_id: str) -> StoredInterview:
        """The interview as it is on disk. Raises `NotFoundError`."""
        with self._session() as session:
            return _interview(session, interview_id)

    def candidate_of(self, interview_id: str) -> str:
        """Whose interview it is. Raises `NotFoundError`."""
        query = select(InterviewRow.candidate_id).where(InterviewRow.id == interview_id)
        with self._session() as session:
            found = session.scalar(query)
        if found is None:
            raise NotFoundError(NO_INTERVIEW)
        return found

    def append(
        self,
        interview_id: str,
        turns: Sequence[Turn],
        finished: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Commit turns, and in the same transaction the answers that are finished with them.

        `finished` are all finished answers as (question, attempt); known ones are left alone.
        An answer, or leaving the question, clears the draft; ending keeps it. Raises
        `StaleTurnError` if a turn of such a number is there already or the one before it is not,
        and `NotFoundError`.
        """
        try:
            with self._session.begin() as session:
                _row(session, interview_id)
                count = session.scalar(
                    select(func.count()).where(TurnRow.interview_id == interview_id)
                )
                if turns and turns[0].number != count:
                    raise StaleTurnError(_STALE)
                session.add_all(records.turn_row(interview_id, turn, _now()) for turn in turns)
                if any(turn.kind in _CLEARS_DRAFT for turn in turns):
                    # Said to the database whatever `row` holds: a draft may have come since.
                    session.execute(_of(interview_id).values(draft=""))
                new = self._add_finished(session, interview_id, finished)
                if new or any(turn.kind is TurnKind.CLOSING for turn in turns):
                    summaries.refresh(session, interview_id)
        except IntegrityError as error:
            self.interview(interview_id)  # which says so if it has been deleted
            raise StaleTurnError(_STALE) from error

    def add_usage(self, interview_id: str, usage: Usage) -> None:
        """Add to the tokens of the interviewer's own words. Raises `NotFoundError`."""
        with self._session.begin() as session:
            row = _row(session, interview_id)
            # Added up by the database: another thread may be adding to the same interview.
            row.prompt_tokens = InterviewRow.prompt_tokens + usage.prompt
            row.cached_tokens = InterviewRow.cached_tokens + usage.cached
            row.completion_tokens = InterviewRow.completion_tokens + usage.completion

    def save_draft(self, interview_id: str, text: str, seen: int | None = None) -> None:
        """Keep the unsent draft of a page that has seen so many turns; None: all there are.

        Raises `StaleTurnError` if an answer was sent since, which may hold the same words, and
        `NotFoundError`.
        """
        with self._drafts.begin() as session:
            # PostgreSQL: a turn that is being committed is waited for, and then seen below.
            held = select(InterviewRow.id).where(InterviewRow.id == interview_id).with_for_update()
            if session.scalar(held) is None:
                raise NotFoundError(NO_INTERVIEW)
            change = _of(interview_id).values(draft=text)
            if seen is not None:
                change = change.where(~_answered_since(interview_id, seen))
            if session.connection().execute(change).rowcount == 0:
                raise StaleTurnError(_STALE)

    def set_may_become_case(self, interview_id: str, agreed: bool) -> None:
        """Keep whether its answers may be made into cases. Raises `NotFoundError`."""
        with self._session.begin() as session:
            _row(session, interview_id).may_become_case = agreed

    def recent_questions(self, candidate_id: str, interviews: int) -> list[str]:
        """Ids of the questions in this candidate's latest interviews, the latest first."""
        query = (
            select(InterviewRow.questions)
            .where(InterviewRow.candidate_id == candidate_id)
            .order_by(InterviewRow.created_at.desc())
            .limit(interviews)
        )
        with self._session() as session:
            return [question["id"] for plan in session.scalars(query) for question in plan]

    def interviews_of(self, candidate_id: str, limit: int) -> list[StoredInterview]:
        """This candidate's latest interviews, the latest first."""
        query = (
            select(InterviewRow.id)
            .where(InterviewRow.candidate_id == candidate_id)
            .order_by(InterviewRow.created_at.desc())
            .limit(limit)
        )
        with self._session() as session:
            return [_interview(session, interview_id) for interview_id in session.scalars(query)]

    def open_interviews(self, candidate_id: str) -> int:
        """How many interviews of this candidate have not come to their end."""
        closing = exists().where(
            TurnRow.interview_id == InterviewRow.id, TurnRow.kind == TurnKind.CLOSING.value
        )
        query = select(func.count()).where(InterviewRow.candidate_id == candidate_id, ~closing)
        with self._session() as session:
            return session.scalar(query) or 0

    def answers(self, interview_id: str) -> list[StoredAnswer]:
        """The finished answers of an interview in the order of question and attempt."""
        query = (
            select(AnswerRow)
            .where(AnswerRow.interview_id == interview_id)
            .order_by(AnswerRow.question, AnswerRow.attempt)
        )
        with self._session() as session:
            return [_answer(session, row) for row in session.scalars(query)]

    def next_waiting(self, besides: Collection[int] = ()) -> StoredAnswer | None:
        """The answer that has waited longest for its grade and may be tried now."""
        due = (*_due(), AnswerRow.id.not_in(besides))
        query = select(AnswerRow).where(*due).order_by(AnswerRow.id).limit(1)
        with self._session() as session:
            row = session.scalars(query).first()
            return _answer(session, row) if row else None

    def if_waiting(self, answer_id: int) -> StoredAnswer | None:
        """This answer, if it waits for its grade and may be tried now."""
        with self._session() as session:
            row = session.scalars(
                select(AnswerRow).where(AnswerRow.id == answer_id, *_due())
            ).first()
            return _answer(session, row) if row else None

    def all_waiting(self) -> list[int]:
        """Ids of all answers that wait and may be tried now, the longest waiting first."""
        with self._session() as session:
            query = select(AnswerRow.id).where(*_due()).order_by(AnswerRow.id)
            return list(session.scalars(query))

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

    def retry_grading(self, interview_id: str) -> int:
        """Let this interview's ungraded and put-off answers be tried at once; returns how many."""
        with self._session.begin() as session:
            rows = session.scalars(
                select(AnswerRow).where(
                    AnswerRow.interview_id == interview_id, AnswerRow.state != AnswerState.GRADED
                )
            ).all()
            for row in rows:
                row.state, row.tries, row.not_before = AnswerState.WAITING, 0, _now()
            self._tell_waiting(session, rows)
            summaries.refresh(session, interview_id)
            return len(rows)

    def _add_finished(
        self, session: Session, interview_id: str, finished: Sequence[tuple[int, int]]
    ) -> bool:
        """Returns whether any of them is new."""
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
        self._tell_waiting(session, rows)
        return bool(rows)

    def _tell_waiting(self, session: Session, rows: Sequence[AnswerRow]) -> None:
        session.flush()  # which gives new rows their ids
        for row in rows:
            self._on_waiting(session.connection(), row.id)


_CLEARS_DRAFT = frozenset(
    {TurnKind.ANSWER, TurnKind.NO_EXAMPLE, TurnKind.SKIP, TurnKind.NEXT, TurnKind.RETRY}
)

_STALE = (
    "This page was behind: the interview has moved on, perhaps in another tab. "
    "What is shown now is the present state; your text is still in the box."
)


NO_INTERVIEW = (
    "There is no such interview here. Its link may be incomplete, or it has been deleted."
)


def _now() -> datetime:
    return datetime.now(UTC)


def _row(session: Session, interview_id: str) -> InterviewRow:
    row = session.get(InterviewRow, interview_id)
    if row is None:
        raise NotFoundError(NO_INTERVIEW)
    return row


def _of(interview_id: str) -> Update:
    return update(InterviewRow).where(InterviewRow.id == interview_id)


def _answered_since(interview_id: str, seen: int) -> ColumnElement[bool]:
    """Whether an answer was sent that a page with so many turns does not know of."""
    return exists().where(
        TurnRow.interview_id == interview_id,
        TurnRow.number >= seen,
        TurnRow.kind == TurnKind.ANSWER.value,
    )


def _interview(session: Session, interview_id: str) -> StoredInterview:
    row = _row(session, interview_id)
    turns = session.scalars(
        select(TurnRow).where(TurnRow.interview_id == interview_id).order_by(TurnRow.number)
    )
    return records.interview(row, turns)


def _answer(session: Session, row: AnswerRow) -> StoredAnswer:
    latest = session.scalars(
        select(GradeRow)
        .where(GradeRow.answer_id == row.id, ~GradeRow.beside)
        .order_by(GradeRow.id.desc())
        .limit(1)
    ).first()
    return records.answer(row, latest)


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
