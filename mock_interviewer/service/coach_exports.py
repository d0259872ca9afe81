"""What a coach downloads: the interviews that are shared in their groups, many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mock_interviewer.core.price import Price
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person
from mock_interviewer.service.coaching import check_coach, coachable
from mock_interviewer.service.exports.archive import zipped
from mock_interviewer.service.exports.table import csv_rows
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.judgements import JudgementStore
from mock_interviewer.storage.queue import Filter, QueueStore
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.whole import WholeInterview, ids_of, whole


@dataclass(frozen=True)
class Export:
    """A download in pieces, and how many interviews it leaves out."""

    pieces: Iterator[bytes]
    left_out: int


class CoachExports:
    """The downloads of all coaches. An interview that a coach grades blind is left out of them."""

    def __init__(
        self,
        store: Store,
        access: Access,
        reviewing: Reviewing,
        rubric: Rubric,
        price: Price | None,
    ) -> None:
        self._store = store
        self._access = access
        self._reviewing = reviewing
        self._rubric = rubric
        self._price = price
        self._queue = QueueStore(store.sessions)
        self._judgements = JudgementStore(store.sessions)

    def as_csv(self, coach: Person) -> Export:
        """One table with a row for each answer and criterion. Raises `NotAllowedError`."""
        ids, left_out = self._ids(coach)
        return Export(csv_rows(self._interviews(coach, ids), self._rubric), left_out)

    def as_zip(self, coach: Person) -> Export:
        """The same table with a folder for each interview. Raises `NotAllowedError`."""
        ids, left_out = self._ids(coach)
        pieces = zipped(
            lambda: self._interviews(coach, ids), self._rubric, self._price, _note(left_out)
        )
        return Export(pieces, left_out)

    def _ids(self, coach: Person) -> tuple[list[str], int]:
        check_coach(coach)
        scope = None if coach.local else coach.id
        shared = set(self._queue.ids(scope, coach.id, Filter.ALL))
        kept = self._judgements.interviews_hidden_from(coach.id)
        given = shared - kept
        by_date = ids_of(self._store.sessions, None)
        return [each for each in by_date if each in given], len(shared & kept)

    def _interviews(self, coach: Person, ids: Sequence[str]) -> Iterator[WholeInterview]:
        """Asked for one by one: sharing may end, and a blind review begin, meanwhile."""
        for interview_id in ids:
            try:
                coachable(self._access, coach, interview_id)
                found = whole(self._store.sessions, interview_id)
            except (NotFoundError, NotAllowedError):
                continue
            if self._reviewing.may_see_grades(coach, interview_id):
                yield replace(found, interview=replace(found.interview, draft=""))


def _note(left_out: int) -> str:
    if not left_out:
        return ""
    return (
        f"Left out, as you grade an answer blind and have not finished: {left_out} "
        f"interview{'' if left_out == 1 else 's'}."
    )
