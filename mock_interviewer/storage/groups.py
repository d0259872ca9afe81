"""The store of groups: who is in them, and which interviews that opens to a coach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, sessionmaker

from mock_interviewer.errors import ConfigurationError, NotFoundError
from mock_interviewer.storage.account_tables import GroupRow, MembershipRow, UserRow
from mock_interviewer.storage.accounts import StoredUser, user
from mock_interviewer.storage.tables import InterviewRow


@dataclass(frozen=True)
class StoredGroup:
    """A group with its members, by name."""

    name: str
    members: tuple[StoredUser, ...]


class GroupStore:
    """All reads and writes of groups. `key` is always a name as it is compared."""

    def __init__(self, session: sessionmaker[Session]) -> None:
        self._session = session

    def add(self, name: str, key: str) -> None:
        """Store a new group. Raises `ConfigurationError` if the name is taken."""
        try:
            with self._session.begin() as session:
                session.add(GroupRow(name=name, key=key, created_at=datetime.now(UTC)))
        except IntegrityError as error:
            raise ConfigurationError(f"There is a group of the name {name} already.") from error

    def all(self) -> list[StoredGroup]:
        """All groups with their members, by name."""
        with self._session() as session:
            return [
                StoredGroup(group.name, tuple(user(row) for row in _members(session, group)))
                for group in session.scalars(select(GroupRow).order_by(GroupRow.key))
            ]

    def join(self, key: str, user_id: str) -> None:
        """Make somebody a member, if they are not. Raises `NotFoundError` for the group."""
        with self._session.begin() as session:
            group = _group(session, key)
            if session.get(MembershipRow, (group.id, user_id)) is None:
                session.add(MembershipRow(group_id=group.id, user_id=user_id))

    def leave(self, key: str, user_id: str) -> None:
        """End a membership, if there is one. Raises `NotFoundError` for the group."""
        with self._session.begin() as session:
            group = _group(session, key)
            session.execute(
                delete(MembershipRow).where(
                    MembershipRow.group_id == group.id, MembershipRow.user_id == user_id
                )
            )

    def have_one_in_common(self, one: str, other: str) -> bool:
        """Whether two people are in the same group."""
        first, second = aliased(MembershipRow), aliased(MembershipRow)
        query = (
            select(first.group_id)
            .join(second, second.group_id == first.group_id)
            .where(first.user_id == one, second.user_id == other)
            .limit(1)
        )
        with self._session() as session:
            return session.scalars(query).first() is not None

    def set_shared(self, interview_id: str, shared: bool) -> None:
        """Keep whether coaches may read an interview. Raises `NotFoundError`."""
        with self._session.begin() as session:
            row = session.get(InterviewRow, interview_id)
            if row is None:
                raise NotFoundError("There is no such interview here. Its link may be incomplete.")
            row.shared = shared


def _group(session: Session, key: str) -> GroupRow:
    row = session.scalars(select(GroupRow).where(GroupRow.key == key)).first()
    if row is None:
        raise NotFoundError("There is no such group.")
    return row


def _members(session: Session, group: GroupRow) -> list[UserRow]:
    query = (
        select(UserRow)
        .join(MembershipRow, MembershipRow.user_id == UserRow.id)
        .where(MembershipRow.group_id == group.id)
        .order_by(UserRow.key)
    )
    return list(session.scalars(query))
