"""The store: interviews, their turns and answers, each change committed before it returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Update,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Question
from mock_interviewer.errors import ConfigurationError, NotFoundError, StaleTurnError, StorageError
from mock_interviewer.storage import records, summaries
from mock_interviewer.storage.engine import make_engine
from mock_interviewer.storage.migrate import upgrade
from mock_interviewer.storage.records import StoredAnswer, StoredInterview
from mock_interviewer.storage.sessions import StoreSession
from mock_interviewer.storage.tables import AnswerRow, InterviewRow, TurnRow
from mock_interviewer.storage.waiting import OnWaiting, WaitingAnswers, stored_answer


class Store:
    """Interviews, and in `waiting` the answers to be graded. May be used from several threads.

    Any of them raises `StorageError` while a PostgreSQL server is away, or the disk under a file
    is full, read-only or at fault, or another program keeps it locked; then nothing is stored.
    """

    def __init__(
        self, url: str, on_waiting: OnWaiting = lambda connection, answer_id: None
    ) -> None:
        """Open the database and bring it to the newest schema. Raises `ConfigurationError`."""
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
        self.sessions: sessionmaker[Session] = sessionmaker(
            self._engine, class_=StoreSession, expire_on_commit=False
        )
        """The database, for what has a module of its own beside this one."""
        self.waiting = WaitingAnswers(self.sessions, on_waiting)
        # Typing saves many drafts; to force each to the disk would hold up everybody's turns.
        in_file = url.startswith("sqlite")
        self._drafts_engine = make_engine(url, forced=False) if in_file else self._engine
        self._drafts = sessionmaker(self._drafts_engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        self._drafts_engine.dispose()

    def create_interview(
        self,
        *,
        candidate_id: str,
        mode: Mode,
        trade: str,
        questions: Sequence[Question],
        rates_first: bool = False,
    ) -> str:
        """Store a new interview with no turns yet; returns its unguessable id."""
        row = records.interview_row(
            candidate_id, mode, trade, questions, _now(), rates_first=rates_first
        )
        interview_id = row.id
        with self.sessions.begin() as session:
            session.add(row)
        return interview_id

    def interview(self, interview_id: str) -> StoredInterview:
        """The interview as it is on disk. Raises `NotFoundError`."""
        with self.sessions() as session:
            return _interview(session, interview_id)

    def turns_since(self, interview_id: str, seen: int) -> list[TurnKind]:
        """What has come after the first `seen` turns. Raises `NotFoundError`."""
        query = (
            select(TurnRow.kind)
            .where(TurnRow.interview_id == interview_id, TurnRow.number >= seen)
            .order_by(TurnRow.number)
        )
        with self.sessions() as session:
            kinds = [TurnKind(kind) for kind in session.scalars(query)]
        if not kinds:
            self.candidate_of(interview_id)
        return kinds

    def candidate_of(self, interview_id: str) -> str:
        """Whose interview it is. Raises `NotFoundError`."""
        query = select(InterviewRow.candidate_id).where(InterviewRow.id == interview_id)
        with self.sessions() as session:
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
            with self.sessions.begin() as session:
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
                new = self.waiting.add(session, interview_id, finished)
                if new or any(turn.kind is TurnKind.CLOSING for turn in turns):
                    summaries.refresh(session, interview_id)
        except IntegrityError as error:
            self.interview(interview_id)  # which says so if it has been deleted
            raise StaleTurnError(_STALE) from error

    def add_usage(self, interview_id: str, usage: Usage) -> None:
        """Add to the tokens of the interviewer's own words. Raises `NotFoundError`."""
        with self.sessions.begin() as session:
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
        with self.sessions.begin() as session:
            _row(session, interview_id).may_become_case = agreed

    def recent_questions(self, candidate_id: str, interviews: int) -> list[str]:
        """Ids of the questions in this candidate's latest interviews, the latest first."""
        query = (
            select(InterviewRow.questions)
            .where(InterviewRow.candidate_id == candidate_id)
            .order_by(InterviewRow.created_at.desc())
            .limit(interviews)
        )
        with self.sessions() as session:
            return [question["id"] for plan in session.scalars(query) for question in plan]

    def interviews_of(self, candidate_id: str, limit: int) -> list[StoredInterview]:
        """This candidate's latest interviews, the latest first."""
        query = (
            select(InterviewRow.id)
            .where(InterviewRow.candidate_id == candidate_id)
            .order_by(InterviewRow.created_at.desc())
            .limit(limit)
        )
        with self.sessions() as session:
            return [_interview(session, interview_id) for interview_id in session.scalars(query)]

    def open_interviews(self, candidate_id: str) -> int:
        """How many interviews of this candidate have not come to their end."""
        closing = exists().where(
            TurnRow.interview_id == InterviewRow.id, TurnRow.kind == TurnKind.CLOSING.value
        )
        query = select(func.count()).where(InterviewRow.candidate_id == candidate_id, ~closing)
        with self.sessions() as session:
            return session.scalar(query) or 0

    def answers(self, interview_id: str) -> list[StoredAnswer]:
        """The finished answers of an interview in the order of question and attempt."""
        query = (
            select(AnswerRow)
            .where(AnswerRow.interview_id == interview_id)
            .order_by(AnswerRow.question, AnswerRow.attempt)
        )
        with self.sessions() as session:
            return [stored_answer(session, row) for row in session.scalars(query)]


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
