"""Whom a coach looks after: the candidates of their groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, sessionmaker

from mock_interviewer.storage.account_tables import GroupRow, MembershipRow, UserRow

CANDIDATE = "candidate"


class Candidate(NamedTuple):
    """Somebody who practises."""

    id: str
    name: str


@dataclass(frozen=True)
class CoachedGroup:
    """A group, with its candidates by name; coaches in it by name as well."""

    id: int
    name: str
    candidates: tuple[Candidate, ...]
    coaches: tuple[Candidate, ...]


class CoachedStore:
    """Reads of the groups from where a coach stands."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def groups(self, person_id: str) -> list[CoachedGroup]:
        """The groups that this person is in, by name; with all their open accounts."""
        own, theirs = aliased(MembershipRow), aliased(MembershipRow)
        query = (
            select(GroupRow.id, GroupRow.name, UserRow.id, UserRow.name, UserRow.role)
            .join(own, own.group_id == GroupRow.id)
            .join(theirs, theirs.group_id == GroupRow.id)
            .join(UserRow, UserRow.id == theirs.user_id)
            .where(own.user_id == person_id, UserRow.disabled.is_(False))
            .order_by(GroupRow.key, UserRow.key)
        )
        found: dict[int, tuple[str, list[tuple[str, Candidate]]]] = {}
        with self._session() as session:
            for group_id, group, user_id, name, role in session.execute(query):
                members = found.setdefault(group_id, (group, []))[1]
                members.append((role, Candidate(user_id, name)))
        return [
            CoachedGroup(
                group_id,
                name,
                tuple(who for role, who in members if role == CANDIDATE),
                tuple(who for role, who in members if role == "coach"),
            )
            for group_id, (name, members) in found.items()
        ]
