"""Role-plays on disk: each reply is committed before anybody answers it, and each answer after.

A program that dies between the two leaves a reply without an answer, which is answered when the
conversation is opened again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.grade import Grade, Usage
from mock_interviewer.core.observation import Exchange
from mock_interviewer.errors import NotFoundError, StaleTurnError
from mock_interviewer.storage import role_play_records as records
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.role_play_records import StoredRolePlay
from mock_interviewer.storage.role_play_tables import ExchangeRow, RolePlayRow
from mock_interviewer.storage.waiting import LONGEST_PUT_OFF

TAKEN_SECONDS = 300.0
"""How long nobody else takes a role-play that somebody has taken to grade."""

NO_ROLE_PLAY = (
    "There is no such role-play of yours. Its link may be incomplete, or it has been deleted."
)
STALE = (
    "This page was behind: the conversation has moved on, perhaps in another tab. "
    "What is shown now is the present state; your text is still in the box."
)


class RolePlays:
    """All reads and writes of role-plays. May be used from several threads; raises
    `StorageError`."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        """`sessions`: of the store's own engine, whose database has the newest schema."""
        self._session = sessions

    def create(
        self, candidate_id: str, scenario: Mapping[str, Any], now: datetime | None = None
    ) -> str:
        """Store a role-play in which nothing has been said yet; returns its unguessable id."""
        row = records.new_row(candidate_id, scenario, now or _now())
        role_play_id = row.id
        with self._session.begin() as session:
            session.add(row)
        return role_play_id

    def branch(self, role_play_id: str, number: int) -> str:
        """Store another one that begins with the exchanges before reply `number`.

        Raises `NotFoundError` if there is no such role-play or no such reply.
        """
        with self._session.begin() as session:
            first = _row(session, role_play_id)
            exchanges = _exchanges(session, role_play_id)
            if not 1 <= number <= len(exchanges):
                raise NotFoundError("There is no such reply in this role-play.")
            row = records.new_row(first.candidate_id, first.scenario, _now())
            row.branch_of, row.branch_from = first.id, number
            branch_id = row.id
            session.add(row)
            session.flush()
            session.add_all(records.copied(each, branch_id) for each in exchanges[: number - 1])
        return branch_id

    def get(self, role_play_id: str) -> StoredRolePlay:
        """The role-play as it is on disk. Raises `NotFoundError`."""
        with self._session() as session:
            return _whole(session, role_play_id)

    def of_person(self, candidate_id: str) -> list[StoredRolePlay]:
        """A person's role-plays, the oldest first."""
        mine = RolePlayRow.candidate_id == candidate_id
        query = select(RolePlayRow).where(mine)
        with self._session() as session:
            rows = session.scalars(query.order_by(RolePlayRow.created_at, RolePlayRow.id)).all()
            said: dict[str, list[ExchangeRow]] = {row.id: [] for row in rows}
            theirs = select(ExchangeRow).join(RolePlayRow).where(mine).order_by(ExchangeRow.number)
            for each in session.scalars(theirs):
                said.setdefault(each.role_play_id, []).append(each)
            return [records.stored(row, said[row.id]) for row in rows]

    def played(self, candidate_id: str) -> list[str]:
        """The scenario's id for each of a person's role-plays."""
        query = select(RolePlayRow.scenario["id"].as_string())
        with self._session() as session:
            return list(session.scalars(query.where(RolePlayRow.candidate_id == candidate_id)))

    def reply(self, role_play_id: str, number: int, text: str) -> None:
        """Commit a reply, which nobody has answered yet.

        Raises `NotFoundError`, and `StaleTurnError` unless it follows the last answer of a
        conversation that goes on.
        """
        try:
            with self._session.begin() as session:
                role_play = _whole(session, role_play_id)
                behind = number != len(role_play.exchanges) + 1
                if behind or role_play.pending or role_play.finished_at:
                    raise StaleTurnError(STALE)
                session.add(
                    ExchangeRow(
                        role_play_id=role_play_id, number=number, reply=text, replied_at=_now()
                    )
                )
        except IntegrityError as error:
            self.get(role_play_id)  # which says so if it has been deleted
            raise StaleTurnError(STALE) from error

    def answer(
        self,
        role_play_id: str,
        number: int,
        exchange: Exchange,
        ends: bool,
        usage: Usage | None = None,
    ) -> None:
        """Commit the customer's answer to a reply, and its tokens; `ends`: it is the last one.

        Where there is one by now, or the conversation was ended, it is dropped; its tokens count.
        """
        waits = (
            ExchangeRow.role_play_id == role_play_id,
            ExchangeRow.number == number,
            ExchangeRow.said.is_(None),
        )
        found = {
            "observation": exchange.observation.model_dump(mode="json"),
            "said": exchange.said,
            "prepared": exchange.prepared,
        }
        with self._session.begin() as session:
            row = _row(session, role_play_id, changing=True)
            _add(row, usage or Usage())
            if row.finished_at is not None:
                return
            changed = session.scalars(
                update(ExchangeRow).where(*waits).values(**found).returning(ExchangeRow.number)
            ).all()
            if changed and ends:
                _finish(row)

    def finish(self, role_play_id: str) -> None:
        """End it, if it has not ended. Raises `NotFoundError`."""
        with self._session.begin() as session:
            row = _row(session, role_play_id, changing=True)
            if row.finished_at is None:
                _finish(row)

    def take_waiting(self) -> StoredRolePlay | None:
        """The finished one that has waited longest for its grade and may be tried now.

        For a while nobody else is given it, so that one process that dies costs a wait only.
        """
        now = _now()
        due = _due(now)
        query = select(RolePlayRow.id).where(*due).order_by(RolePlayRow.finished_at).limit(1)
        with self._session.begin() as session:
            role_play_id = session.scalars(query).first()
            if role_play_id is None:
                return None
            taken = session.scalars(
                update(RolePlayRow)
                .where(RolePlayRow.id == role_play_id, *due)
                .values(not_before=now + timedelta(seconds=TAKEN_SECONDS))
                .returning(RolePlayRow.id)
            ).all()
            return _whole(session, role_play_id) if taken else None

    def save_grade(self, role_play_id: str, grade: Grade) -> None:
        """Store the grade, unless there is one by now. Raises `NotFoundError`."""
        with self._session.begin() as session:
            row = _row(session, role_play_id, changing=True)
            if row.grading != AnswerState.GRADED:
                row.grade = grade.model_dump(mode="json")
                row.grading, row.reason = AnswerState.GRADED.value, ""

    def put_off(self, role_play_id: str, reason: str, seconds: float) -> None:
        """Try the grade again no sooner than in `seconds`, an hour at most."""
        with self._session.begin() as session:
            row = _row(session, role_play_id, changing=True)
            if row.grading == AnswerState.WAITING:
                row.reason, row.tries = reason, row.tries + 1
                row.not_before = _now() + min(timedelta(seconds=seconds), LONGEST_PUT_OFF)

    def give_up(self, role_play_id: str, reason: str) -> None:
        """Say that it cannot be graded, and why, unless it has been graded by now."""
        with self._session.begin() as session:
            row = _row(session, role_play_id, changing=True)
            if row.grading == AnswerState.WAITING:
                row.grading, row.reason = AnswerState.UNGRADED.value, reason

    def retry_grading(self, role_play_id: str) -> None:
        """Let a grade that was put off or given up be tried at once."""
        with self._session.begin() as session:
            row = _row(session, role_play_id, changing=True)
            if row.grading in (AnswerState.WAITING, AnswerState.UNGRADED):
                row.grading, row.reason = AnswerState.WAITING.value, ""
                row.tries, row.not_before = 0, _now()

    def delete(self, role_play_id: str) -> int:
        """Delete one for good; its branches stay. Returns how many there were."""
        return self._delete(RolePlayRow.id == role_play_id)

    def delete_of(self, candidate_id: str) -> int:
        """Delete all of a person's for good; returns how many there were."""
        return self._delete(RolePlayRow.candidate_id == candidate_id)

    def delete_silent(self, earliest: datetime, before: datetime) -> int:
        """Delete everybody's in which nothing was said since; returns how many there were."""
        said = exists().where(
            ExchangeRow.role_play_id == RolePlayRow.id, ExchangeRow.replied_at >= before
        )
        begun = RolePlayRow.created_at
        return self._delete(begun >= earliest, begun < before, ~said)

    def _delete(self, *which: ColumnElement[bool]) -> int:
        with self._session.begin() as session:
            if session.get_bind().dialect.name == "sqlite":
                # Its driver would begin with the first deletion, after what was looked at.
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            # Locked, so that a reply that is just being committed is either seen or refused.
            found = select(RolePlayRow.id).where(*which).order_by(RolePlayRow.id)
            ids = session.scalars(found.with_for_update()).all()
            session.execute(delete(ExchangeRow).where(ExchangeRow.role_play_id.in_(ids)))
            session.execute(delete(RolePlayRow).where(RolePlayRow.id.in_(ids)))
        return len(ids)


def _now() -> datetime:
    return datetime.now(UTC)


def _row(session: Session, role_play_id: str, *, changing: bool = False) -> RolePlayRow:
    row = session.get(RolePlayRow, role_play_id, with_for_update=changing or None)
    if row is None:
        raise NotFoundError(NO_ROLE_PLAY)
    return row


def _exchanges(session: Session, role_play_id: str) -> Sequence[ExchangeRow]:
    mine = ExchangeRow.role_play_id == role_play_id
    return session.scalars(select(ExchangeRow).where(mine).order_by(ExchangeRow.number)).all()


def _add(row: RolePlayRow, usage: Usage) -> None:
    row.prompt_tokens = RolePlayRow.prompt_tokens + usage.prompt
    row.cached_tokens = RolePlayRow.cached_tokens + usage.cached
    row.completion_tokens = RolePlayRow.completion_tokens + usage.completion


def _finish(row: RolePlayRow) -> None:
    now = _now()
    row.finished_at, row.grading, row.not_before = now, AnswerState.WAITING.value, now


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # One that is put off further than anything is put off: the clock has been set back.
    turn = or_(RolePlayRow.not_before <= now, RolePlayRow.not_before > now + LONGEST_PUT_OFF)
    return RolePlayRow.grading == AnswerState.WAITING.value, turn


def _whole(session: Session, role_play_id: str) -> StoredRolePlay:
    return records.stored(_row(session, role_play_id), _exchanges(session, role_play_id))
