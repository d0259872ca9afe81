"""Assignments: practice that a coach gives to a person or a group, and that a candidate does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import Bank
from mock_interviewer.errors import ConfigurationError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Person, Role
from mock_interviewer.service.coaching import check_coach
from mock_interviewer.storage.assignments import AssignmentStore, Standing, StoredAssignment
from mock_interviewer.storage.coached import CoachedGroup, CoachedStore
from mock_interviewer.storage.store import Store

MOST_QUESTIONS = 8
LONGEST_TITLE = 120


class Assignments:
    """All assignments. Those of a group are every coach's who is in it."""

    def __init__(self, store: Store, bank: Bank, reply: Callable[[str], Iterable[object]]) -> None:
        """`reply` lets the interviewer make its move: `Practice.reply`."""
        self._assignments = AssignmentStore(store.sessions)
        self._coached = CoachedStore(store.sessions)
        self._bank = bank
        self._reply = reply

    def groups(self, coach: Person) -> list[CoachedGroup]:
        """The coach's groups, with the candidates to whom something can be given."""
        check_coach(coach)
        return self._coached.groups(coach.id)

    def give(
        self,
        coach: Person,
        question_ids: Sequence[str],
        *,
        candidate_id: str | None = None,
        group_id: int | None = None,
        title: str = "",
        mode: Mode = Mode.INTERVIEW,
        trade: Trade = Trade.CALL_CENTRE,
        due_at: datetime | None = None,
    ) -> StoredAssignment:
        """Give a practice set to one candidate or to one group of the coach's.

        Raises `ConfigurationError` for a set or a title that will not do, `NotFoundError` for a
        question that is not in the bank, `NotAllowedError` for people of other groups.
        """
        if (candidate_id is None) == (group_id is None):
            raise ConfigurationError("Choose one person or one group.")
        if not 1 <= len(question_ids) <= MOST_QUESTIONS:
            raise ConfigurationError(f"Choose from 1 to {MOST_QUESTIONS} questions.")
        if len(set(question_ids)) < len(question_ids):
            raise ConfigurationError("A question is chosen twice.")
        if len(title) > LONGEST_TITLE:
            raise ConfigurationError(f"A title has up to {LONGEST_TITLE} characters.")
        groups = self.groups(coach)
        people = {candidate.id for group in groups for candidate in group.candidates}
        known = group_id in {group.id for group in groups} or candidate_id in people
        if not known:
            raise NotAllowedError("You can give practice to the candidates of your groups only.")
        return self._assignments.add(
            coach.id,
            candidate_id=candidate_id,
            group_id=group_id,
            title=title.strip() or "Practice",
            mode=mode,
            trade=trade.value,
            questions=[self._bank.get(question_id) for question_id in question_ids],
            due_at=due_at,
        )

    def given(self, coach: Person) -> list[StoredAssignment]:
        """What this coach gave, or others gave to the coach's groups, the latest first."""
        groups = self.groups(coach)
        return self._assignments.given(coach.id, [group.id for group in groups])

    def standings(self, coach: Person, assignment_id: str) -> list[Standing]:
        """How far each candidate has come. Raises `NotFoundError` for one of other groups."""
        self.known(coach, assignment_id)
        return self._assignments.standings(assignment_id)

    def withdraw(self, coach: Person, assignment_id: str) -> None:
        """Take it back from those who have not begun. Raises as `standings` does."""
        self.known(coach, assignment_id)
        self._assignments.withdraw(assignment_id)

    def of_candidate(self, candidate: Person) -> list[Standing]:
        """What this candidate was given, the latest first; nobody else is given any."""
        if candidate.role is not Role.CANDIDATE:
            return []
        return self._assignments.of_candidate(candidate.id)

    def begin(self, candidate: Person, assignment_id: str) -> str:
        """The id of the candidate's interview on it, begun now or before.

        Raises `NotFoundError` if it was not given to them or was taken back.
        """
        given = {each.assignment.id: each for each in self.of_candidate(candidate)}
        if assignment_id not in given:
            raise NotFoundError("There is no such assignment for you; it may have been taken back.")
        interview_id = self._assignments.begin(given[assignment_id].assignment, candidate.id)
        for _ in self._reply(interview_id):
            pass
        return interview_id

    def known(self, coach: Person, assignment_id: str) -> StoredAssignment:
        """One that this coach may see. Raises as `standings` does."""
        for assignment in self.given(coach):
            if assignment.id == assignment_id:
                return assignment
        raise NotFoundError("There is no such assignment in your groups.")
