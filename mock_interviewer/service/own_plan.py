"""A person's practice plan, from what is stored of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from mock_interviewer.core.drills import Drill
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.errors import DataFileError
from mock_interviewer.service import practice_plan, reports, role_playing
from mock_interviewer.service.plan_evidence import GradedAnswer, GradedRolePlay, graded_answers
from mock_interviewer.service.practice_plan import Plan
from mock_interviewer.service.self_rating import keeps_grade_back
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.self_ratings import SelfRatingStore
from mock_interviewer.storage.store import Store

LATEST_INTERVIEWS = 20
"""Enough for the answers that a plan rests on, where some interviews were left early."""


class OwnPlan:
    """Everybody's plan, asked for by the person's id. May be used from several threads.

    `scenarios`: gives the role-plays for a person, the most fitting first.
    """

    def __init__(
        self,
        store: Store,
        attempts: DrillAttempts,
        rubric: Rubric,
        drills: Sequence[Drill],
        scenarios: Callable[[str], Sequence[Scenario]] = lambda person_id: (),
    ) -> None:
        self._store = store
        self._attempts = attempts
        self._role_plays = RolePlays(store.sessions)
        self._self_ratings = SelfRatingStore(store.sessions)
        self._rubric = rubric
        self._drills = drills
        self._scenarios = scenarios

    def of(self, person_id: str, train: str | None = None) -> Plan:
        """The plan as of now. `train`: a criterion that was asked for. Raises `NotFoundError`."""
        return practice_plan.make(
            [*self._answers(person_id), *self._played(person_id)],
            self._rubric,
            self._drills,
            self._attempts.for_spacing(person_id),
            datetime.now().astimezone(),
            scenarios=[scenario.id for scenario in self._scenarios(person_id)],
            train=train,
        )

    def weakest(self, person_id: str) -> tuple[str, ...]:
        """Ids of the criteria with the most room to grow, as far as that can be told."""
        return tuple(weakness.criterion.id for weakness in self.of(person_id).weaknesses)

    def _answers(self, person_id: str) -> Iterator[GradedAnswer]:
        for interview in self._store.interviews_of(person_id, LATEST_INTERVIEWS):
            stored = self._store.answers(interview.id)
            said = self._self_ratings.of([answer.id for answer in stored])
            answers = [
                answer
                for answer in stored
                if answer.grade is None
                or (
                    reports.by_criteria_of(self._rubric, answer.grade)
                    and not keeps_grade_back(
                        interview.mode, interview.rates_first, said=answer.id in said
                    )
                )
            ]
            yield from graded_answers(interview, answers)

    def _played(self, person_id: str) -> Iterator[GradedRolePlay]:
        """Their graded role-plays. A debrief shows its grade at once: nothing is held back."""
        mine = {stored.id: stored for stored in self._role_plays.of_person(person_id)}
        for stored in mine.values():
            grade = stored.grade
            if (
                grade is None
                or grade.not_an_answer
                or not reports.by_criteria_of(self._rubric, grade)
            ):
                continue
            try:
                scenario = role_playing.read(stored).scenario
            except DataFileError:
                continue  # no page can show what its grade rests on
            yield GradedRolePlay(
                role_play_id=stored.id,
                first=role_playing.first_of(mine, stored.id),
                scenario_id=scenario.id,
                title=scenario.title,
                when=stored.created_at,
                ratings=grade.ratings,
            )
