"""Invitations: a link that a coach hands to somebody new, who makes an account with it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mock_interviewer.errors import ConfigurationError, NotAllowedError, NotFoundError
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Person, Role
from mock_interviewer.service.accounts import fit_name, key_of
from mock_interviewer.service.coaching import check_coach
from mock_interviewer.storage.coached import CoachedStore
from mock_interviewer.storage.invitations import USED_UP, InvitationStore, StoredInvitation
from mock_interviewer.storage.store import Store

USUAL_DAYS, MOST_DAYS = 7, 60
LONGEST_LABEL = 120


class Invitation(NamedTuple):
    """A link that has just been made; its token is shown this once."""

    token: str
    expires_at: datetime


class Invitations:
    """All invitations."""

    def __init__(self, store: Store) -> None:
        self._invitations = InvitationStore(store.sessions)
        self._coached = CoachedStore(store.sessions)

    def invite(
        self, coach: Person, group_id: int, *, label: str = "", days: int = USUAL_DAYS
    ) -> Invitation:
        """A link into one of the coach's groups, for one person.

        `label`: for whom it is. Raises `NotAllowedError` for another group, `ConfigurationError`
        for a label or a number of days that will not do.
        """
        check_coach(coach)
        if group_id not in {group.id for group in self._coached.groups(coach.id)}:
            raise NotAllowedError("You can invite into your own groups only.")
        if not 1 <= days <= MOST_DAYS:
            raise ConfigurationError(f"An invitation lasts from 1 to {MOST_DAYS} days.")
        if len(label) > LONGEST_LABEL:
            raise ConfigurationError(f"Say in up to {LONGEST_LABEL} characters for whom it is.")
        token = secrets.token_urlsafe(32)
        expires_at = datetime.now(UTC) + timedelta(days=days)
        self._invitations.add(_digest(token), group_id, coach.id, label.strip(), expires_at)
        return Invitation(token, expires_at)

    def sent(self, coach: Person) -> list[StoredInvitation]:
        """All that this coach sent, the latest first."""
        check_coach(coach)
        return self._invitations.sent_by(coach.id)

    def withdraw(self, coach: Person, token_hash: str) -> None:
        """Make a link of this coach's that was not used useless.

        Raises `NotFoundError` if this coach has no such link.
        """
        check_coach(coach)
        self._invitations.withdraw(token_hash, coach.id)

    def look(self, token: str) -> StoredInvitation:
        """What a link invites to. Raises `NotFoundError` if it works no more."""
        found = self._invitations.open_one(_digest(token))
        if found is None:
            raise NotFoundError(USED_UP)
        return found

    def accept(self, token: str, name: str, password: str) -> Person:
        """Make an account and bring it into the group; the link is used up.

        Raises `NotFoundError` if it works no more, and `ConfigurationError` for a name or a
        password that will not do: then it still works.
        """
        self.look(token)  # before the password is hashed, which is slow on purpose
        shown = fit_name(name)
        user = self._invitations.accept(
            _digest(token), name=shown, key=key_of(shown), password_hash=passwords.digest(password)
        )
        return Person(id=user.id, name=user.name, role=Role(user.role))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
