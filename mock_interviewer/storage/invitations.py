"""The store of invitations: links that work once, for a while; only their digests are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.errors import ConfigurationError, NotFoundError
from mock_interviewer.storage.account_tables import GroupRow, MembershipRow, UserRow
from mock_interviewer.storage.accounts import StoredUser, user
from mock_interviewer.storage.desk_tables import InvitationRow


@dataclass(frozen=True)
class StoredInvitation:
    """An invitation into a group."""

    token_hash: str
    group_id: int
    group: str
    invited_by: str
    label: str
    """For whom it is, in the coach's words."""
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None


class InvitationStore:
    """All reads and writes of invitations."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def add(
        self, token_hash: str, group_id: int, invited_by: str, label: str, expires_at: datetime
    ) -> None:
        """Store a new one."""
        with self._session.begin() as session:
            session.add(
                InvitationRow(
                    token_hash=token_hash,
                    group_id=group_id,
                    invited_by=invited_by,
                    label=label,
                    created_at=_now(),
                    expires_at=expires_at,
                )
            )

    def open_one(self, token_hash: str) -> StoredInvitation | None:
        """The invitation, if it can still be used."""
        return next(iter(self._found(InvitationRow.token_hash == token_hash, *_usable())), None)

    def sent_by(self, coach_id: str) -> list[StoredInvitation]:
        """All that this coach sent, the latest first."""
        return self._found(InvitationRow.invited_by == coach_id)

    def _found(self, *which: ColumnElement[bool]) -> list[StoredInvitation]:
        query = (
            select(InvitationRow, GroupRow.name)
            .join(GroupRow, GroupRow.id == InvitationRow.group_id)
            .where(*which)
            .order_by(InvitationRow.created_at.desc())
        )
        with self._session() as session:
            return [_invitation(row, group) for row, group in session.execute(query)]

    def withdraw(self, token_hash: str, coach_id: str) -> None:
        """Make a link that was not used useless. Raises `NotFoundError` if there is none."""
        mine = (InvitationRow.invited_by == coach_id, InvitationRow.used_at.is_(None))
        with self._session.begin() as session:
            gone = session.execute(
                delete(InvitationRow).where(InvitationRow.token_hash == token_hash, *mine)
            )
            if not cast(CursorResult[Any], gone).rowcount:
                raise NotFoundError("There is no open invitation of yours like this.")

    def accept(self, token_hash: str, *, name: str, key: str, password_hash: str) -> StoredUser:
        """Make a candidate's account in the group, and use the link up: all of it or nothing.

        Raises `NotFoundError` if the link works no more, and `ConfigurationError` if the name is
        taken: then it still works.
        """
        row = UserRow(
            id=secrets.token_urlsafe(16),
            name=name,
            key=key,
            role="candidate",
            password_hash=password_hash,
            disabled=False,
            created_at=_now(),
        )
        try:
            with self._session.begin() as session:
                used = session.execute(
                    update(InvitationRow)
                    .where(InvitationRow.token_hash == token_hash, *_usable())
                    .values(used_at=_now(), used_by=row.id)
                )
                if not cast(CursorResult[Any], used).rowcount:
                    raise NotFoundError(USED_UP)
                group_id = session.get_one(InvitationRow, token_hash).group_id
                session.add(row)
                session.flush()
                session.add(MembershipRow(group_id=group_id, user_id=row.id))
        except IntegrityError as error:
            raise ConfigurationError(f"There is an account of the name {name} already.") from error
        return user(row)


USED_UP = (
    "This invitation cannot be used: it was used before, has run out, or its link is incomplete. "
    "Ask your coach for a new one."
)


def _usable() -> tuple[ColumnElement[bool], ...]:
    return InvitationRow.used_at.is_(None), InvitationRow.expires_at > _now()


def _invitation(row: InvitationRow, group: str) -> StoredInvitation:
    return StoredInvitation(
        token_hash=row.token_hash,
        group_id=row.group_id,
        group=group,
        invited_by=row.invited_by,
        label=row.label,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_by=row.used_by,
    )


def _now() -> datetime:
    return datetime.now(UTC)
