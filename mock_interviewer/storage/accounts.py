"""The store of accounts: people, their logins, and attempts to log in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.errors import ConfigurationError, NotFoundError
from mock_interviewer.storage.account_tables import LoginAttemptRow, LoginRow, UserRow


@dataclass(frozen=True)
class StoredUser:
    """An account as it is on disk."""

    id: str
    name: str
    role: str
    password_hash: str | None
    disabled: bool
    created_at: datetime


class AccountStore:
    """All reads and writes of accounts. May be used from several threads and processes.

    `key` is always a name as it is compared, `token_hash` a login's digest. Any method raises
    `StorageError` as those of `Store` do.
    """

    def __init__(self, session: sessionmaker[Session]) -> None:
        self._session = session

    def any(self) -> bool:
        """Whether there is an account at all, disabled ones too."""
        with self._session() as session:
            return session.scalars(select(UserRow.id).limit(1)).first() is not None

    def add(self, *, name: str, key: str, role: str, password_hash: str | None) -> StoredUser:
        """Store a new account. Raises `ConfigurationError` if the name is taken."""
        row = UserRow(
            id=secrets.token_urlsafe(16),
            name=name,
            key=key,
            role=role,
            password_hash=password_hash,
            disabled=False,
            created_at=_now(),
        )
        try:
            with self._session.begin() as session:
                session.add(row)
        except IntegrityError as error:
            raise ConfigurationError(f"There is an account of the name {name} already.") from error
        return user(row)

    def all(self) -> list[StoredUser]:
        """All accounts, by name."""
        with self._session() as session:
            return [user(row) for row in session.scalars(select(UserRow).order_by(UserRow.key))]

    def named(self, key: str) -> StoredUser | None:
        """The account of this name."""
        with self._session() as session:
            row = session.scalars(select(UserRow).where(UserRow.key == key)).first()
            return user(row) if row else None

    def get(self, user_id: str) -> StoredUser:
        """The account of this id. Raises `NotFoundError`."""
        with self._session() as session:
            return user(_row(session, user_id))

    def set_password_hash(
        self, user_id: str, password_hash: str, *, keep_login: str | None = None
    ) -> None:
        """Store a new password and end all logins, in one step, but for `keep_login`."""
        with self._session.begin() as session:
            _row(session, user_id).password_hash = password_hash
            session.flush()  # which locks the account, so that no login slips in between
            ends = delete(LoginRow).where(LoginRow.user_id == user_id)
            session.execute(ends.where(LoginRow.token_hash != (keep_login or "")))

    def replace_password_hash(self, user_id: str, old: str, new: str) -> None:
        """Store another digest of the same password, unless it has been changed meanwhile."""
        with self._session.begin() as session:
            session.execute(
                update(UserRow)
                .where(UserRow.id == user_id, UserRow.password_hash == old)
                .values(password_hash=new)
            )

    def set_disabled(self, user_id: str, disabled: bool) -> None:
        """Close or open an account; either way its logins end."""
        with self._session.begin() as session:
            _row(session, user_id).disabled = disabled
            session.flush()
            session.execute(delete(LoginRow).where(LoginRow.user_id == user_id))

    def add_login(
        self, user_id: str, token_hash: str, now: datetime, expires_at: datetime, *, verified: str
    ) -> bool:
        """Store a login. False if the account was closed, or its password changed from `verified`.

        The login is written before the account is read, so that a change of the account under way
        is waited for, on either database.
        """
        with self._session() as session:
            session.execute(delete(LoginRow).where(LoginRow.expires_at <= now))
            session.add(
                LoginRow(
                    token_hash=token_hash,
                    user_id=user_id,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
            session.flush()
            row = session.get_one(UserRow, user_id, with_for_update=True)
            if row.disabled or row.password_hash != verified:
                session.rollback()
                return False
            session.commit()
            return True

    def logged_in(self, token_hash: str, now: datetime) -> StoredUser | None:
        """Who holds this login, unless it has run out or the account is closed."""
        query = (
            select(UserRow)
            .join(LoginRow, LoginRow.user_id == UserRow.id)
            .where(
                LoginRow.token_hash == token_hash,
                LoginRow.expires_at > now,
                UserRow.disabled.is_(False),
            )
        )
        with self._session() as session:
            row = session.scalars(query).first()
            return user(row) if row else None

    def end_login(self, token_hash: str) -> None:
        """Forget a login."""
        with self._session.begin() as session:
            session.execute(delete(LoginRow).where(LoginRow.token_hash == token_hash))

    def add_attempt(self, name_hash: str, address: str, at: datetime, *, since: datetime) -> int:
        """Note that somebody tries to log in, and drop what was before `since`; returns its id."""
        row = LoginAttemptRow(name_hash=name_hash, address=address, at=at)
        with self._session.begin() as session:
            session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.at < since))
            session.add(row)
            session.flush()
            return row.id

    def attempts_for(self, name_hash: str) -> list[datetime]:
        """When somebody tried to log in with this name, the latest first."""
        return self._attempts(LoginAttemptRow.name_hash == name_hash)

    def attempts_from(self, address: str) -> list[datetime]:
        """When somebody tried to log in from this address, the latest first."""
        return self._attempts(LoginAttemptRow.address == address)

    def _attempts(self, which: ColumnElement[bool]) -> list[datetime]:
        query = select(LoginAttemptRow.at).where(which).order_by(LoginAttemptRow.at.desc())
        with self._session() as session:
            return list(session.scalars(query))

    def forget_attempt(self, attempt_id: int) -> None:
        """Drop one attempt."""
        with self._session.begin() as session:
            session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.id == attempt_id))

    def forget_attempts(self, name_hash: str) -> None:
        """Drop all attempts with this name."""
        with self._session.begin() as session:
            session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.name_hash == name_hash))


def user(row: UserRow) -> StoredUser:
    """An account, read off its row."""
    return StoredUser(row.id, row.name, row.role, row.password_hash, row.disabled, row.created_at)


def _row(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFoundError("There is no such account.")
    return row


def _now() -> datetime:
    return datetime.now(UTC)
