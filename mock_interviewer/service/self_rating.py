"""Self-assessment: candidates rate their own answers before they see the grade.

Afterwards the three views stand side by side: one's own, the machine's, and the coaches'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import DataFileError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person
from mock_interviewer.storage.judgements import Judgement, JudgementStore
from mock_interviewer.storage.records import StoredAnswer
from mock_interviewer.storage.self_ratings import SelfRatingStore
from mock_interviewer.storage.store import Store

Levels = Mapping[str, int | None]


@dataclass(frozen=True)
class ThreeViews:
    """One answer in the eyes of its candidate, the machine and the coaches."""

    answer_id: int
    question: int
    attempt: int
    own: Levels | None
    machine: Levels | None
    coaches: tuple[Judgement, ...]
    """Each coach's finished review, the one finished first before the others."""


class SelfRating:
    """The own ratings of all candidates."""

    def __init__(self, store: Store, access: Access, rubric: Rubric) -> None:
        self._store = store
        self._access = access
        self._rubric = rubric
        self._ratings = SelfRatingStore(store.sessions)
        self._judgements = JudgementStore(store.sessions)

    def to_rate(self, candidate: Person, interview_id: str) -> list[StoredAnswer]:
        """The answers, without their grades, that the candidate can still rate.

        Whoever asks them for it shows the grade of these only after `rate` or `see_grades`.
        """
        answers = self._own(candidate, interview_id)
        said = self._ratings.of(answers)
        return [
            StoredAnswer(**{**answer.__dict__, "grade": None})
            for answer in answers.values()
            if answer.id not in said
        ]

    def rate(self, candidate: Person, interview_id: str, answer_id: int, levels: Levels) -> None:
        """Keep the candidate's own levels of an answer; a criterion may be left out.

        Raises `DataFileError` for a level off the scale or none at all, and `NotAllowedError` if
        they were given before or the grade has been seen.
        """
        if answer_id not in self._own(candidate, interview_id):
            raise NotFoundError("There is no such answer in this interview.")
        faults = list(Findings.model_validate({"ratings": dict(levels)}).faults(self._rubric, 0))
        if faults or not levels:
            raise DataFileError("\n".join(faults) or "Choose a level for one criterion at least.")
        if not self._ratings.add(answer_id, dict(levels)):
            raise NotAllowedError("You rated this answer before, or have seen its grade.")

    def see_grades(self, candidate: Person, interview_id: str) -> None:
        """Show the grades of what is not rated yet: from then on it cannot be rated."""
        for answer in self.to_rate(candidate, interview_id):
            self._ratings.add(answer.id, None)

    def views(self, person: Person, interview_id: str) -> list[ThreeViews]:
        """The three views of each answer, for whoever may read the interview.

        A coach who grades an answer blind gets none of it.
        """
        self._access.readable(person, interview_id)
        hidden = self._judgements.hidden_from(person.id)
        answers = [a for a in self._store.answers(interview_id) if a.id not in hidden]
        ids = [answer.id for answer in answers]
        own, coaches = self._ratings.of(ids), self._judgements.on_answers(ids)
        return [
            ThreeViews(
                answer_id=answer.id,
                question=answer.question,
                attempt=answer.attempt,
                own=own.get(answer.id),
                machine=_machine(answer),
                coaches=tuple(each for each in coaches if each.answer_id == answer.id),
            )
            for answer in answers
        ]

    def _own(self, candidate: Person, interview_id: str) -> dict[int, StoredAnswer]:
        self._access.own(candidate, interview_id)
        return {answer.id: answer for answer in self._store.answers(interview_id)}


def _machine(answer: StoredAnswer) -> Levels | None:
    grade = answer.grade
    return {name: r.level for name, r in grade.ratings.items()} if grade else None
