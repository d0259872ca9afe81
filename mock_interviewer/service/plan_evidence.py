"""What a practice plan rests on: the latest graded answers and role-plays of one person.

Of a question the latest attempt counts, and of the tries of a role-play the latest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mock_interviewer.core.grade import Rating
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.storage.records import StoredAnswer, StoredInterview

RECENT = 12
"""What lies further back says too little of today."""


@dataclass(frozen=True)
class GradedAnswer:
    """A graded answer as far as the plan needs it."""

    interview_id: str
    place: int
    attempt: int
    question_id: str
    question: str
    calls_for: tuple[str, ...]
    when: datetime
    ratings: Mapping[str, Rating]


@dataclass(frozen=True)
class GradedRolePlay:
    """A graded role-play as far as the plan needs it.

    `first`: id of the one that it is another try of, or its own.
    """

    role_play_id: str
    first: str
    scenario_id: str
    title: str
    when: datetime
    ratings: Mapping[str, Rating]


Evidence = GradedAnswer | GradedRolePlay


@dataclass(frozen=True)
class Count:
    """How much there is of each."""

    answers: int
    role_plays: int

    def __str__(self) -> str:
        """Such as "3 graded answers and 1 role-play"."""
        both = self.answers and self.role_plays
        of_both = (
            _told(self.answers, "graded answer"),
            _told(self.role_plays, "role-play" if both else "graded role-play"),
        )
        return " and ".join(part for part in of_both if part) or "no graded answer"

    @property
    def total(self) -> int:
        """Of both together."""
        return self.answers + self.role_plays


def count(evidence: Iterable[Evidence]) -> Count:
    """How much there is of each kind."""
    of_answers = [isinstance(each, GradedAnswer) for each in evidence]
    return Count(sum(of_answers), len(of_answers) - sum(of_answers))


def graded_answers(
    interview: StoredInterview, answers: Iterable[StoredAnswer]
) -> list[GradedAnswer]:
    """The graded ones among an interview's answers, but for those that were no answer: to have
    had no example says nothing of a skill."""
    return [
        GradedAnswer(
            interview_id=interview.id,
            place=answer.question,
            attempt=answer.attempt,
            question_id=interview.questions[answer.question].id,
            question=interview.questions[answer.question].text,
            calls_for=interview.questions[answer.question].calls_for,
            when=interview.created_at,
            ratings=answer.grade.ratings,
        )
        for answer in answers
        if answer.grade is not None and not answer.grade.not_an_answer
    ]


def latest(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The most recent of it, newest first, each question and each role-play once."""
    last: dict[tuple[str, int], Evidence] = {}
    for each in evidence:
        key = _tried(each)
        if key not in last or _order(each) > _order(last[key]):
            last[key] = each
    newest_first = sorted(last.values(), key=lambda e: (e.when, _tried(e)[1]), reverse=True)
    return newest_first[:RECENT]


def gave_opportunity(criterion: Criterion, each: Evidence, rubric: Rubric) -> bool:
    """Whether the question called for it; a role-play does for whatever it has a level of, and
    so does each question for a criterion that belongs to no score."""
    if isinstance(each, GradedRolePlay):
        return True
    scores = {s.id for s in rubric.scores if criterion.id in (*s.mean_of, *s.with_it)}
    return not scores or bool(scores & set(each.calls_for))


def _tried(each: Evidence) -> tuple[str, int]:
    if isinstance(each, GradedAnswer):
        return each.interview_id, each.place
    return each.first, 0


def _order(each: Evidence) -> tuple[int, datetime]:
    return (each.attempt if isinstance(each, GradedAnswer) else 0), each.when


def _told(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
