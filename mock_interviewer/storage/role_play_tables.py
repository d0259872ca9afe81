"""The tables of role-plays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mock_interviewer.storage.tables import Base, Name, Words


class RolePlayRow(Base):
    """A role-play with its whole scenario, so that a changed file changes nothing here."""

    __tablename__ = "role_plays"

    id: Mapped[str] = mapped_column(Name(40), primary_key=True)
    candidate_id: Mapped[str] = mapped_column(Name(64), index=True)
    created_at: Mapped[datetime]
    scenario: Mapped[dict[str, Any]]
    branch_of: Mapped[str | None] = mapped_column(
        Name(40), ForeignKey("role_plays.id", ondelete="SET NULL"), index=True
    )
    """The one whose first exchanges it shares."""
    branch_from: Mapped[int | None]
    """The reply, counted from 1, from which it goes its own way."""
    finished_at: Mapped[datetime | None]
    grading: Mapped[str] = mapped_column(String(16), index=True)
    """An `AnswerState`, or empty while the conversation goes on."""
    reason: Mapped[str] = mapped_column(Words, default="")
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    grade: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    prompt_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of reading its own replies and of the customer's words to them; its grade has its own."""
    cached_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    completion_tokens: Mapped[int] = mapped_column(default=0, server_default="0")


class ExchangeRow(Base):
    """A reply and, once the customer has answered it, their words and what was observed.

    The primary key is what makes two replies of one number impossible.
    """

    __tablename__ = "role_play_exchanges"

    role_play_id: Mapped[str] = mapped_column(
        Name(40), ForeignKey("role_plays.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 1."""
    reply: Mapped[str] = mapped_column(Words)
    replied_at: Mapped[datetime]
    observation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    said: Mapped[str | None] = mapped_column(Words)
    prepared: Mapped[bool | None]
