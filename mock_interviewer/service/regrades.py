"""Grading again with today's grader: side by side with the grade that is shown, and in bulk."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from mock_interviewer.core.grade import Grade
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.errors import ConfigurationError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person
from mock_interviewer.service.coaching import check_coach, coachable
from mock_interviewer.storage.judgements import JudgementStore
from mock_interviewer.storage.queue import Entry, Filter, QueueStore
from mock_interviewer.storage.regrades import Batch, RegradeStore
from mock_interviewer.storage.store import Store

MOST_LISTED = 50
"""Interviews of a batch that are listed one by one."""


@dataclass(frozen=True)
class Move:
    """A criterion whose level another grader sees elsewhere."""

    criterion: Criterion
    before: int | None
    after: int | None


@dataclass(frozen=True)
class SideBySide:
    """One answer's grades. The one that is shown to its candidate comes first and stays."""

    answer_id: int
    question: int
    attempt: int
    shown: Grade
    others: tuple[tuple[Grade, tuple[Move, ...]], ...]
    """Each with the criteria that it sees otherwise than the shown one; the newest first."""


@dataclass(frozen=True)
class Listed:
    """An interview of a batch, as the queue has it, and how far its answers are."""

    entry: Entry
    waiting: int
    done: int
    failed: int


class Regrades:
    """What coaches have graded anew."""

    def __init__(
        self,
        store: Store,
        access: Access,
        rubric: Rubric,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`wake`: told when there is something to grade."""
        self._store = store
        self._access = access
        self._rubric = rubric
        self._regrades = RegradeStore(store.sessions)
        self._queue = QueueStore(store.sessions)
        self._judgements = JudgementStore(store.sessions)
        self._wake = wake

    def ask(self, coach: Person, interview_ids: Collection[str]) -> Batch:
        """Grade the graded answers of these interviews once more, behind the pages.

        Raises `NotFoundError`, `NotAllowedError`, and `ConfigurationError` if none is graded.
        """
        for interview_id in interview_ids:
            coachable(self._access, coach, interview_id)
        return self._ask(coach, interview_ids)

    def ask_for_all(self, coach: Person, which: Filter = Filter.ALL) -> Batch:
        """The same for everything that a filter of the coach's queue lets through."""
        check_coach(coach)
        scope = None if coach.local else coach.id
        return self._ask(coach, self._queue.ids(scope, coach.id, which))

    def batches(self, coach: Person) -> list[Batch]:
        """What this coach asked for, with how far it is, the latest first."""
        check_coach(coach)
        return self._regrades.batches(coach.id)

    def batch(self, coach: Person, batch_id: str) -> Batch:
        """How far one of this coach's is. Raises `NotFoundError`."""
        found = self._regrades.batch(batch_id)
        if found is None or found.asked_by != coach.id:
            raise NotFoundError("You have asked for no such re-grading.")
        return found

    def stop(self, coach: Person, batch_id: str) -> None:
        """Give up what still waits of it. Raises `NotFoundError`."""
        self.batch(coach, batch_id)
        self._regrades.stop(batch_id)

    def reasons(self, coach: Person, batch_id: str) -> dict[int, str]:
        """Why answers have failed or are put off, by answer id. Raises `NotFoundError`."""
        self.batch(coach, batch_id)
        return self._regrades.reasons(batch_id)

    def interviews(self, coach: Person, batch_id: str) -> list[Listed]:
        """The first interviews of a batch, but for those that this coach may review no more.

        Raises `NotFoundError`.
        """
        self.batch(coach, batch_id)
        found = []
        for each in self._regrades.interviews(batch_id, MOST_LISTED):
            try:
                coachable(self._access, coach, each.interview_id)
            except (NotFoundError, NotAllowedError):
                continue  # shared no longer since it was asked for
            if entry := self._queue.entry(each.interview_id):
                found.append(Listed(entry, each.waiting, each.done, each.failed))
        return found

    def side_by_side(self, coach: Person, interview_id: str) -> list[SideBySide]:
        """All grades of each graded answer, but of those whose grade is kept from this coach."""
        coachable(self._access, coach, interview_id)
        hidden = self._judgements.hidden_from(coach.id)
        answers = [a for a in self._store.answers(interview_id) if a.grade and a.id not in hidden]
        grades = self._regrades.grades([answer.id for answer in answers])
        found = []
        for answer in answers:
            shown, *others = grades[answer.id]
            found.append(
                SideBySide(
                    answer.id,
                    answer.question,
                    answer.attempt,
                    shown,
                    tuple((other, moves(shown, other, self._rubric)) for other in others),
                )
            )
        return found

    def _ask(self, coach: Person, interview_ids: Collection[str]) -> Batch:
        batch = self._regrades.ask(interview_ids, coach.id)
        if batch is None:
            raise ConfigurationError("There is no graded answer in it that could be graded anew.")
        self._wake()
        return batch


def moves(before: Grade, after: Grade, rubric: Rubric) -> tuple[Move, ...]:
    """The criteria that two grades of one answer see otherwise, in the rubric's order."""
    found = []
    for criterion in rubric.criteria:
        was, now = before.level(criterion.id), after.level(criterion.id)
        if was != now:
            found.append(Move(criterion, was, now))
    return tuple(found)
