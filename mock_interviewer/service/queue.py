"""The queue of a coach: who needs a look, and who is at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mock_interviewer.service.access import Access, Person
from mock_interviewer.service.coaching import check_coach, coachable
from mock_interviewer.storage.queue import Entry, Filter, Page, QueueStore, Sort
from mock_interviewer.storage.reviewers import Reviewers
from mock_interviewer.storage.store import Store

__all__ = ["SOMEBODY", "Entry", "Filter", "Line", "Page", "Queue", "Sort"]

SOMEBODY = "somebody"
"""Whoever has no account, or none any more."""


@dataclass(frozen=True)
class Line:
    """One interview in the queue as a coach reads it."""

    entry: Entry
    mine: bool
    """Claimed by this coach."""
    claimant: str
    """Name of the other coach who is at it; empty if nobody else is."""
    reviewers: tuple[str, ...]
    """Names of the coaches who have finished a review in it."""


class Queue:
    """The interviews to look at."""

    def __init__(self, store: Store, access: Access) -> None:
        self._queue = QueueStore(store.sessions)
        self._reviewers = Reviewers(store.sessions)
        self._access = access

    def page(
        self,
        coach: Person,
        which: Filter = Filter.ALL,
        sort: Sort = Sort.UNSURE,
        after: str | None = None,
        size: int = 25,
    ) -> Page:
        """A page of what is shared in this coach's groups, from the start or `after` another.

        Raises `NotAllowedError`, and `ConfigurationError` if `after` is no page's.
        """
        check_coach(coach)
        return self._queue.page(_scope(coach), coach.id, which, sort, after, size)

    def lines(self, coach: Person, page: Page) -> list[Line]:
        """A page's entries with the names of the coaches who have to do with them."""
        check_coach(coach)
        return self._lines(coach, page.entries)

    def line(self, coach: Person, interview_id: str) -> Line | None:
        """The line of one interview; None if there is nothing to review in it yet."""
        coachable(self._access, coach, interview_id)
        entry = self._queue.entry(interview_id)
        return self._lines(coach, [entry])[0] if entry else None

    def _lines(self, coach: Person, entries: Sequence[Entry]) -> list[Line]:
        by = self._reviewers.of([entry.interview_id for entry in entries])
        at_it = {entry.claimed_by for entry in entries if entry.claimed_by}
        names = self._reviewers.names(at_it.union(*by.values()))
        names[coach.id] = "you"
        return [
            Line(
                entry=entry,
                mine=entry.claimed_by == coach.id,
                claimant=names.get(entry.claimed_by, SOMEBODY)
                if entry.claimed_by and entry.claimed_by != coach.id
                else "",
                reviewers=tuple(
                    names.get(each, SOMEBODY) for each in by.get(entry.interview_id, ())
                ),
            )
            for entry in entries
        ]

    def counts(self, coach: Person) -> dict[Filter, int]:
        """How many interviews each filter lets through. Raises `NotAllowedError`."""
        check_coach(coach)
        return self._queue.counts(_scope(coach), coach.id)

    def claim(self, coach: Person, interview_id: str) -> datetime:
        """Take an interview, or keep it for longer; returns until when.

        Raises `ClaimedError` if another coach has it.
        """
        coachable(self._access, coach, interview_id)
        return self._queue.claim(interview_id, coach.id)

    def release(self, coach: Person, interview_id: str) -> None:
        """Give an interview back."""
        coachable(self._access, coach, interview_id)
        self._queue.release(interview_id, coach.id)

    def ask_for_a_look(self, candidate: Person, interview_id: str, asked: bool = True) -> None:
        """Put one's interview before the coaches of one's groups, which shares it; or not any more.

        Raises as `Access.own` does.
        """
        self._access.own(candidate, interview_id)
        self._queue.set_asked(interview_id, asked)

    def is_asked(self, candidate: Person, interview_id: str) -> bool:
        """Whether its candidate has asked for a look."""
        self._access.own(candidate, interview_id)
        entry = self._queue.entry(interview_id)
        return entry is not None and entry.asked_at is not None


def _scope(coach: Person) -> str | None:
    return None if coach.local else coach.id
