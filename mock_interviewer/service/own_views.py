"""A candidate's own levels as the report shows them, beside the machine's and the coaches'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.service.self_rating import Levels, ThreeViews


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
            (each.question, each.attempt): tuple(_levels(each.own, each.machine, rubric))
            for each in views
            if each.own
        }
    )


def _levels(own: Levels, machine: Levels | None, rubric: Rubric) -> Iterable[OwnLevel]:
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
