"""Who may do what with an interview. Every face asks here, in each of its handlers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from mock_interviewer.errors import NotAllowedError, NotFoundError
from mock_interviewer.storage.groups import GroupStore
from mock_interviewer.storage.records import StoredInterview
from mock_interviewer.storage.store import NO_INTERVIEW, Store


class Role(StrEnum):
    """What an account is for."""

    CANDIDATE = "candidate"
    COACH = "coach"
    ADMIN = "admin"


@dataclass(frozen=True)
class Person:
    """Whoever asks. `id` is what their interviews carry as `candidate_id`."""

    id: str
    name: str
    role: Role
    local: bool = False
    """Without accounts: the one person at this computer, known by their browser's cookie."""


def is_own(person: Person, interview: StoredInterview) -> bool:
    """Whether it is the interview's candidate: consent, sharing and deletion are theirs alone."""
    return person.role is not Role.ADMIN and interview.candidate_id == person.id


def may_change(person: Person, interview: StoredInterview) -> bool:
    """Whether this person may go on with the interview, or have it graded again.

    Without accounts, whoever has the unguessable link may.
    """
    return person.local or is_own(person, interview)


def may_read(person: Person, interview: StoredInterview, *, in_a_group_with_owner: bool) -> bool:
    """Whether this person may read the interview: those who may change it, and the coaches of
    its candidate's groups once it is shared."""
    if may_change(person, interview):
        return True
    return person.role is Role.COACH and interview.shared and in_a_group_with_owner


def may_begin(person: Person) -> bool:
    """Whether this person may hold interviews of their own."""
    return person.role is not Role.ADMIN


class Access:
    """The interviews, opened only to those who may have them."""

    def __init__(self, store: Store, groups: GroupStore) -> None:
        self._store = store
        self._groups = groups

    def readable(self, person: Person, interview_id: str) -> StoredInterview:
        """The interview, if this person may read it; what was typed and never sent is not shared.

        Raises `NotFoundError` for one that they may not read, as for one that is not there.
        """
        interview = self._store.interview(interview_id)
        coach = person.role is Role.COACH
        common = coach and self._groups.have_one_in_common(person.id, interview.candidate_id)
        if not may_read(person, interview, in_a_group_with_owner=common):
            raise NotFoundError(NO_INTERVIEW)
        return interview if may_change(person, interview) else replace(interview, draft="")

    def changeable(self, person: Person, interview_id: str) -> StoredInterview:
        """The interview, if this person may go on with it.

        Raises `NotFoundError` as `readable` does, and `NotAllowedError` for one that they may
        only read.
        """
        interview = self.readable(person, interview_id)
        if not may_change(person, interview):
            raise NotAllowedError("Only the person whose interview this is can do that.")
        return interview

    def check_changeable(self, person: Person, interview_id: str) -> None:
        """Raise as `changeable` does, without reading the whole of a person's own interview."""
        owner = self._store.candidate_of(interview_id)
        if person.role is Role.ADMIN or owner != person.id:
            self.changeable(person, interview_id)

    def own(self, person: Person, interview_id: str) -> StoredInterview:
        """The interview, if this person is its candidate. Raises as `changeable` does."""
        interview = self.changeable(person, interview_id)
        if not is_own(person, interview):
            raise NotAllowedError(
                "Only the person whose interview this is can change that, in the browser in which "
                "it was held."
            )
        return interview
