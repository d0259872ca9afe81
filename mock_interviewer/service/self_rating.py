"""Self-assessment: candidates rate their own answers before they see the grade.

Afterwards the views stand side by side: the coaches', one's own, and the machine's. In practice
the feedback comes with each answer, and one is asked before it only if one chose that at first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.interview import Mode
from mock_interviewer.core.questions import Question
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.errors import DataFileError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person, is_own
from mock_interviewer.storage.judgements import Judgement, JudgementStore
from mock_interviewer.storage.records import StoredAnswer, StoredInterview
from mock_interviewer.storage.self_ratings import SelfRatingStore
from mock_interviewer.storage.store import Store

NOTHING_CHOSEN = "Choose a level for one criterion at least."

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


def is_asked(mode: Mode, rates_first: bool) -> bool:
    """Whether the candidate of such an interview is asked for own levels before a grade."""
    return mode is Mode.INTERVIEW or rates_first


def keeps_grade_back(mode: Mode, rates_first: bool, *, said: bool) -> bool:
    """Whether the candidate is shown an answer's grade only after they are asked to rate it.

    `said`: whether they have rated it, or chosen to see the grade without.
    """
    return is_asked(mode, rates_first) and not said


def asked_about(
    question: Question, rubric: Rubric
) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...]]:
    """The criteria that a question's scores are made of, and those that only go with them."""
    criteria = [each for each in rubric.criteria if each.applies.get(question.kind) != "never"]
    called = [score for score in rubric.scores if score.id in question.calls_for]
    if not called:
        return tuple(criteria), ()
    made_of = {name for score in called for name in score.mean_of}
    with_it = {name for score in called for name in score.with_it}
    return (
        tuple(each for each in criteria if each.id in made_of),
        tuple(each for each in criteria if each.id in with_it - made_of),
    )


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
        interview = self._access.own(candidate, interview_id)
        answers = self._store.answers(interview_id)
        said = self._ratings.of([answer.id for answer in answers])
        return [
            replace(answer, grade=None)
            for answer in answers
            if keeps_grade_back(interview.mode, interview.rates_first, said=answer.id in said)
        ]

    def said(self, interview_id: str) -> Mapping[int, Levels | None]:
        """By answer: the own levels, or None where the grade was chosen without.

        An answer of which nothing was said is not in it. The caller has made sure that whoever
        asks may go on with the interview.
        """
        return self._ratings.of([answer.id for answer in self._store.answers(interview_id)])

    def rate(self, candidate: Person, interview_id: str, answer_id: int, levels: Levels) -> None:
        """Keep the candidate's own levels of an answer; a criterion may be left out.

        Raises `DataFileError` for a level off the scale or none at all, and `NotAllowedError` if
        they were given before or the grade has been seen.
        """
        interview = self._check(candidate, interview_id, {answer_id: levels})
        asked = is_asked(interview.mode, interview.rates_first)
        if not asked or not self._ratings.add(answer_id, dict(levels)):
            raise NotAllowedError("You rated this answer before, or have seen its grade.")

    def rate_all(self, candidate: Person, interview_id: str, levels: Mapping[int, Levels]) -> bool:
        """Keep the candidate's own levels by answer, and show the grades of all answers.

        What was said of an answer before stands: False if that is so for one of them. Raises as
        `rate` does, and then nothing is kept.
        """
        given = {answer_id: some for answer_id, some in levels.items() if some}
        if not given:
            raise DataFileError(NOTHING_CHOSEN)
        interview = self._check(candidate, interview_id, given)
        if not is_asked(interview.mode, interview.rates_first):
            return False
        kept = [self._ratings.add(answer_id, dict(some)) for answer_id, some in given.items()]
        self.see_grades(candidate, interview_id)
        return all(kept)

    def see_grades(self, candidate: Person, interview_id: str) -> None:
        """Show the grades of what is not rated yet: from then on it cannot be rated."""
        for answer in self.to_rate(candidate, interview_id):
            self._ratings.add(answer.id, None)

    def see_grade(self, candidate: Person, interview_id: str, answer_id: int) -> None:
        """As `see_grades`, of one answer; nothing if there is no such answer to be rated."""
        if answer_id in {answer.id for answer in self.to_rate(candidate, interview_id)}:
            self._ratings.add(answer_id, None)

    def handed_out(self, person: Person, interview_id: str) -> None:
        """Note that the grades were given to somebody, on a page or in a file.

        To its own candidate that is seeing them; what others get changes nothing.
        """
        if is_own(person, self._store.interview(interview_id)):
            self.see_grades(person, interview_id)

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
                machine=machine_levels(answer.grade),
                coaches=tuple(each for each in coaches if each.answer_id == answer.id),
            )
            for answer in answers
        ]

    def _check(
        self, candidate: Person, interview_id: str, levels: Mapping[int, Levels]
    ) -> StoredInterview:
        interview = self._access.own(candidate, interview_id)
        if not set(levels) <= {answer.id for answer in self._store.answers(interview_id)}:
            raise NotFoundError("There is no such answer in this interview.")
        for some in levels.values():
            faults = list(Findings.model_validate({"ratings": dict(some)}).faults(self._rubric, 0))
            if faults or not some:
                raise DataFileError("\n".join(faults) or NOTHING_CHOSEN)
        return interview


def machine_levels(grade: Grade | None) -> Levels | None:
    """The machine's levels by criterion, None without a grade."""
    return {name: r.level for name, r in grade.ratings.items()} if grade else None
