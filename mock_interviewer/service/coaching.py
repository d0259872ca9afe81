"""Who may do a coach's work, and with which interviews. Every part of the desk asks here."""

from __future__ import annotations

from mock_interviewer.errors import NotAllowedError
from mock_interviewer.service.access import Access, Person, Role, is_own
from mock_interviewer.storage.records import StoredInterview


def is_coach(person: Person) -> bool:
    """Whether this person has a desk; without accounts the one person is their own coach."""
    return person.local or person.role is Role.COACH


def check_coach(person: Person) -> None:
    """Raise `NotAllowedError` unless this person has a desk."""
    if not is_coach(person):
        raise NotAllowedError("Only coaches can do that.")


def coachable(access: Access, person: Person, interview_id: str) -> StoredInterview:
    """The interview, if this person may review it: a coach who may read it, but not their own.

    Raises `NotFoundError` for one that they may not read, and `NotAllowedError`.
    """
    interview = access.readable(person, interview_id)
    check_coach(person)
    if is_own(person, interview) and not person.local:
        raise NotAllowedError("This is your own interview; another coach can review it.")
    return interview
