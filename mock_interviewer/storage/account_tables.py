"""The tables of accounts: people, groups, logins, and log-in attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from mock_interviewer.storage.tables import Base, Name


class UserRow(Base):
    """A person with an account. `key` is the name as it is compared: without upper case."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Name(40), primary_key=True)
    name: Mapped[str] = mapped_column(Name(64))
    key: Mapped[str] = mapped_column(Name(256), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    disabled: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class GroupRow(Base):
    """A group of candidates and their coaches."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Name(64))
    key: Mapped[str] = mapped_column(Name(256), unique=True)
    created_at: Mapped[datetime]


class MembershipRow(Base):
    """Somebody in a group: as its coach if that is their role, otherwise as a candidate."""

    __tablename__ = "memberships"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("users.id"), primary_key=True, index=True
    )


class LoginRow(Base):
    """A login that lasts. Only a digest of its token is kept: the table opens nothing."""

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(Name(40), ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class LoginAttemptRow(Base):
    """An attempt to log in that has not succeeded.

    The name is kept as a digest: people type passwords into the wrong box.
    """

    __tablename__ = "login_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(Name(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
