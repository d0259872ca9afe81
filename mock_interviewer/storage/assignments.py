"""The store of assignments: what was given to whom, and how far each of them has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.interview import Mode
from mock_interviewer.core.questions import Question
from mock_interviewer.errors import NotFoundError
from mock_interviewer.storage import records
from mock_interviewer.storage.account_tables import MembershipRow, UserRow
from mock_interviewer.storage.desk_tables import AssignedInterviewRow, AssignmentRow, SummaryRow


class AssignmentState(StrEnum):
    """How far one candidate has come with it, read off their interview."""

    ASSIGNED = "assigned"
    BEGUN = "begun"
    DONE = "done"
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class StoredAssignment:
    """A practice set for one person or for a group; whole questions, as an interview keeps them."""

    id: str
    coach_id: str
    candidate_id: str | None
    group_id: int | None
    title: str
    mode: Mode
    trade: str
    questions: tuple[Question, ...]
    created_at: datetime
    due_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """How far one candidate has come with one assignment."""

    assignment: StoredAssignment
    candidate_id: str
    candidate: str
    state: AssignmentState
    interview_id: str | None

    def overdue(self, now: datetime) -> bool:
        """Whether it should be done by now and is not."""
        due = self.assignment.due_at
        open_still = self.state in (AssignmentState.ASSIGNED, AssignmentState.BEGUN)
        return open_still and due is not None and due < now


class AssignmentStore:
    """All reads and writes of assignments."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def add(
        self,
        coach_id: str,
        *,
        candidate_id: str | None = None,
        group_id: int | None = None,
        title: str,
        mode: Mode,
        trade: str,
        questions: Sequence[Question],
        due_at: datetime | None,
    ) -> StoredAssignment:
        """Store a new one, for a person or for a group."""
        row = AssignmentRow(
            id=records.new_id(),
            coach_id=coach_id,
            candidate_id=candidate_id,
            group_id=group_id,
            title=title,
            mode=mode.value,
            trade=trade,
            questions=[question.model_dump(mode="json") for question in questions],
            created_at=_now(),
            due_at=due_at,
        )
        with self._session.begin() as session:
            session.add(row)
        return _assignment(row)

    def get(self, assignment_id: str) -> StoredAssignment:
        """One assignment. Raises `NotFoundError`."""
        with self._session() as session:
            return _assignment(_row(session, assignment_id))

    def withdraw(self, assignment_id: str) -> None:
        """Take it back; what was begun stays with those who began it. Raises `NotFoundError`."""
        with self._session.begin() as session:
            row = _row(session, assignment_id)
            row.withdrawn_at = row.withdrawn_at or _now()

    def given(self, coach_id: str, group_ids: Sequence[int]) -> list[StoredAssignment]:
        """What this coach gave, or anybody gave to these groups, the latest first."""
        query = select(AssignmentRow).where(
            or_(AssignmentRow.coach_id == coach_id, AssignmentRow.group_id.in_(group_ids))
        )
        with self._session() as session:
            rows = session.scalars(query.order_by(AssignmentRow.created_at.desc()))
            return [_assignment(row) for row in rows]

    def standings(self, assignment_id: str) -> list[Standing]:
        """How far each of those it was given to has come, by name. Raises `NotFoundError`."""
        with self._session() as session:
            assignment = _assignment(_row(session, assignment_id))
            begun = {row.candidate_id: row for row in _begun(session, assignment_id)}
            wanted = UserRow.id.in_(begun) | _given_to(assignment)
            query = select(UserRow.id, UserRow.name).where(wanted).order_by(UserRow.key)
            return [
                _standing(session, assignment, user_id, name, begun.get(user_id))
                for user_id, name in session.execute(query)
            ]

    def of_candidate(self, candidate_id: str) -> list[Standing]:
        """What this candidate was given and has begun or still can, the latest first."""
        groups = select(MembershipRow.group_id).where(MembershipRow.user_id == candidate_id)
        begun = select(AssignedInterviewRow).where(
            AssignedInterviewRow.candidate_id == candidate_id
        )
        with self._session() as session:
            known = {row.assignment_id: row for row in session.scalars(begun)}
            given = or_(
                AssignmentRow.candidate_id == candidate_id, AssignmentRow.group_id.in_(groups)
            )
            query = select(AssignmentRow).where(
                or_(AssignmentRow.id.in_(known), given & AssignmentRow.withdrawn_at.is_(None))
            )
            return [
                _standing(session, _assignment(row), candidate_id, "", known.get(row.id))
                for row in session.scalars(query.order_by(AssignmentRow.created_at.desc()))
            ]

    def begin(self, assignment: StoredAssignment, candidate_id: str) -> str:
        """The interview in which this candidate does it, made now if there is none yet.

        It is shared with the coaches from the start: that is what an assignment is for.
        """
        try:
            with self._session.begin() as session:
                found = _interview_id(session, assignment.id, candidate_id)
                if found is None:
                    row = records.interview_row(
                        candidate_id,
                        assignment.mode,
                        assignment.trade,
                        assignment.questions,
                        _now(),
                    )
                    row.shared = True
                    session.add(row)
                    session.flush()
                    session.add(
                        AssignedInterviewRow(
                            interview_id=row.id,
                            assignment_id=assignment.id,
                            candidate_id=candidate_id,
                        )
                    )
                    found = row.id
            return found
        except IntegrityError:
            with self._session() as session:  # another tab has just begun it
                found = _interview_id(session, assignment.id, candidate_id)
                assert found is not None
                return found


def _row(session: Session, assignment_id: str) -> AssignmentRow:
    row = session.get(AssignmentRow, assignment_id)
    if row is None:
        raise NotFoundError("There is no such assignment.")
    return row


def _begun(session: Session, assignment_id: str) -> list[AssignedInterviewRow]:
    query = select(AssignedInterviewRow).where(AssignedInterviewRow.assignment_id == assignment_id)
    return list(session.scalars(query))


def _given_to(assignment: StoredAssignment) -> ColumnElement[bool]:
    """Whom it was given to: that person, or the candidates who are in the group now."""
    if assignment.group_id is None:
        return UserRow.id == assignment.candidate_id
    members = select(MembershipRow.user_id).where(MembershipRow.group_id == assignment.group_id)
    return UserRow.id.in_(members) & (UserRow.role == "candidate")


def _interview_id(session: Session, assignment_id: str, candidate_id: str) -> str | None:
    return session.scalar(
        select(AssignedInterviewRow.interview_id).where(
            AssignedInterviewRow.assignment_id == assignment_id,
            AssignedInterviewRow.candidate_id == candidate_id,
        )
    )


def _standing(
    session: Session,
    assignment: StoredAssignment,
    candidate_id: str,
    name: str,
    begun: AssignedInterviewRow | None,
) -> Standing:
    state = AssignmentState.ASSIGNED
    if begun is not None:
        state = _progress(session.get(SummaryRow, begun.interview_id))
    interview_id = begun.interview_id if begun else None
    return Standing(assignment, candidate_id, name, state, interview_id)


def _progress(summary: SummaryRow | None) -> AssignmentState:
    if summary is None or summary.finished_at is None:
        return AssignmentState.BEGUN
    return AssignmentState.REVIEWED if summary.reviewed_at else AssignmentState.DONE


def _assignment(row: AssignmentRow) -> StoredAssignment:
    return StoredAssignment(
        id=row.id,
        coach_id=row.coach_id,
        candidate_id=row.candidate_id,
        group_id=row.group_id,
        title=row.title,
        mode=Mode(row.mode),
        trade=row.trade,
        questions=tuple(Question.model_validate(question) for question in row.questions),
        created_at=row.created_at,
        due_at=row.due_at,
        withdrawn_at=row.withdrawn_at,
    )


def _now() -> datetime:
    return datetime.now(UTC)
