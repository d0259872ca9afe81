"""What a candidate is shown of their own levels: what is asked, and after that how they lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.questions import Question
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.service.reports import TurnView, answer_view
from mock_interviewer.service.self_rating import Levels, ThreeViews, asked_about, machine_levels
from mock_interviewer.storage.records import StoredAnswer, StoredInterview


@dataclass(frozen=True)
class ToRate:
    """One answer, with nothing of its grade, and the criteria that its candidate is asked about."""

    id: int
    place: int
    attempt: int
    question: Question
    turns: tuple[TurnView, ...]
    criteria: tuple[Criterion, ...]
    more: tuple[Criterion, ...]
    """Parts of the others, which need not be looked at."""


def to_rate(interview: StoredInterview, answer: StoredAnswer, rubric: Rubric) -> ToRate:
    """What is asked about an answer; of its grade, if it has one, nothing goes in."""
    view = answer_view(interview, replace(answer, grade=None), rubric)
    criteria, more = asked_about(view.question, rubric)
    return ToRate(answer.id, view.place, view.attempt, view.question, view.turns, criteria, more)


@dataclass(frozen=True)
class OwnLevel:
    """One criterion as the candidate rated it, with the machine's level beside it."""

    name: str
    word: str
    level: int | None
    machine_word: str
    """Empty without a grade."""
    machine_level: int | None


@dataclass(frozen=True)
class OwnViews:
    """A candidate's own levels of one interview."""

    answers: Mapping[tuple[int, int], tuple[OwnLevel, ...]] = field(default_factory=dict)
    """By place and attempt of the answer, in the rubric's order."""

    def of(self, place: int, attempt: int) -> tuple[OwnLevel, ...]:
        """The own levels of one answer; none if it was not rated."""
        return self.answers.get((place, attempt), ())


def own_views(views: Iterable[ThreeViews], rubric: Rubric) -> OwnViews:
    """Lay out the own levels; a criterion that was left out has none."""
    return OwnViews(
        {
            (each.question, each.attempt): _levels(each.own, each.machine, rubric)
            for each in views
            if each.own
        }
    )


def own_levels(own: Levels | None, grade: Grade | None, rubric: Rubric) -> tuple[OwnLevel, ...]:
    """The own levels of one answer beside its grade's; none if it was not rated."""
    return _levels(own, machine_levels(grade), rubric) if own else ()


def _levels(own: Levels, machine: Levels | None, rubric: Rubric) -> tuple[OwnLevel, ...]:
    return tuple(_beside(own, machine, rubric))


def _beside(own: Levels, machine: Levels | None, rubric: Rubric) -> Iterable[OwnLevel]:
    for criterion in rubric.criteria:
        if criterion.id in own:
            graded = machine is not None and criterion.id in machine
            beside = machine[criterion.id] if machine is not None and graded else None
            yield OwnLevel(
                name=criterion.name,
                word=_word(own[criterion.id], criterion),
                level=own[criterion.id],
                machine_word=_word(beside, criterion) if graded else "",
                machine_level=beside,
            )


def _word(level: int | None, criterion: Criterion) -> str:
    return NO_OPPORTUNITY if level is None else criterion.words.get(level, "")
